"""A client lost what makes the codes, and asks support to switch the second factor off."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from clients.models import VerificationLevel


class RequestState(models.TextChoices):
    RECEIVED = "received", _("Received")
    TAKEN = "taken", _("Being looked at")
    MORE_NEEDED = "more_needed", _("Waits for the client")
    ANSWERED = "answered", _("Switched off")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DENIED = "denied", _("“This was not me”")


OPEN_STATES = (RequestState.RECEIVED, RequestState.TAKEN, RequestState.MORE_NEEDED)
_IS_OPEN = Q(state__in=[state.value for state in OPEN_STATES])


class SupportRequest(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # What client and operator call it by, such as R-4F7K2M.
    number = models.CharField(_("number"), max_length=12, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="support_requests"
    )
    # As it was when asked: what was to be proved does not change under the operator's hands.
    level = models.PositiveSmallIntegerField(
        _("verification level"), choices=VerificationLevel, default=VerificationLevel.NONE
    )
    state = models.CharField(
        _("state"), max_length=11, choices=RequestState, default=RequestState.RECEIVED
    )
    at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    due_at = models.DateTimeField(_("answer by"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What the operator asks, what the client says to that, and why it was refused.
    question = EncryptedTextField(blank=True)
    reply = EncryptedTextField(blank=True)
    refusal = EncryptedTextField(blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    denied_at = models.DateTimeField(null=True, blank=True)
    # After "this was not me": an operator lets the client ask again before the time is over.
    reopened_at = models.DateTimeField(null=True, blank=True)
    told_overdue_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("lost device")
        verbose_name_plural = _("lost devices")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("handle_lost_device", _("Can handle requests of clients without device"))]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=_IS_OPEN, name="support_request_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="support_request_by_user"),
            models.Index(fields=["due_at"], name="support_request_open", condition=_IS_OPEN),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class SupportRequestProof(models.Model):
    """One line of what the client was to prove, ticked by an operator or not."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="proofs")
    position = models.PositiveSmallIntegerField()
    # As it stands in System > Settings; translated where it is one of ours.
    text = models.CharField(max_length=200)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = EncryptedTextField(blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="support_proof_once")
        ]

    def __str__(self) -> str:
        return self.text


class SupportRequestLink(models.Model):
    """Of an e-mail about the request: each has a link of its own."""

    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="links")
    # Of 256 random bits, which need no key against guessing.
    token_digest = models.CharField(max_length=64, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
