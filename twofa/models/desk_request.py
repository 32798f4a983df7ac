from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from twofa.vocabulary import CallerProof, OperatorAct


class DeskRequest(models.Model):
    """The first line asks the Security desk for what it may not do itself."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_requests"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="desk_requests_made",
    )
    act = models.CharField(_("act"), max_length=24, choices=OperatorAct)
    # The cause that the diagnosis named, or "".
    verdict = models.CharField(_("verdict"), max_length=40, blank=True)
    reason = EncryptedTextField(_("reason"), blank=True)
    ticket = models.CharField(_("ticket"), max_length=50, blank=True)
    # How the caller was identified when it was asked: a CallerProof, or "".
    proof = models.CharField(max_length=13, choices=CallerProof, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("request to the Security desk")
        verbose_name_plural = _("requests to the Security desk")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("ask_security_desk", _("Can ask the Security desk for an act"))]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "act"], condition=Q(state="open"), name="desk_request_once"
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="desk_request_by_state")]

    def __str__(self) -> str:
        return f"{self.act} {self.state}"
