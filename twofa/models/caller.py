"""Making sure who calls: a PIN that the client reads out, or a page on which the client agrees."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.identifiers import uuid7
from clients.models import UserSession
from twofa.vocabulary import CallerProof, OperatorAct


class SupportPin(models.Model):
    """Shown to a signed-in client for ten minutes; the newest only counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="support_pins"
    )
    # It proves nothing any more once this session has ended.
    session = models.ForeignKey(UserSession, on_delete=models.CASCADE, related_name="+")
    # What the session was verified by: a FactorKind, or "" by the password alone.
    factor = models.CharField(max_length=13, blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "-id"], name="pin_by_user")]

    def __str__(self) -> str:
        return str(self.pk)


class Approval(models.Model):
    """An operator asks the client, by e-mail, to agree to one act."""

    class Answer(models.TextChoices):
        APPROVED = "approved", _("approved")
        DENIED = "denied", _("this was not me")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="approvals"
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="approvals_asked"
    )
    act = models.CharField(_("act"), max_length=24, choices=OperatorAct)
    ticket = models.CharField(_("ticket"), max_length=50, blank=True)
    # Of 256 random bits, which need no key against guessing.
    token_digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=13, choices=CallerProof, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "-id"], name="approval_by_user")]

    def __str__(self) -> str:
        return f"{self.act} {self.answer}"


class CallerCheck(models.Model):
    """One operator knows, for a quarter of an hour, that the caller is the client."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="caller_checks"
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="callers_checked"
    )
    proof = models.CharField(_("proof"), max_length=13, choices=CallerProof)
    # Of a PIN: what its session was verified by.
    factor = models.CharField(max_length=13, blank=True)
    # What the client agreed to; "": a PIN is not for one act alone.
    act = models.CharField(_("act"), max_length=24, choices=OperatorAct, blank=True)
    ticket = models.CharField(_("ticket"), max_length=50, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("check of a caller")
        verbose_name_plural = _("checks of callers")
        ordering = ["-id"]
        default_permissions = ()
        permissions = [("identify_caller", _("Can make sure who a caller is"))]
        indexes = [models.Index(fields=["user", "expires_at"], name="caller_check_by_user")]

    def __str__(self) -> str:
        return f"{self.proof} {self.at:%Y-%m-%d %H:%M}"
