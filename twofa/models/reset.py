from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7


class ResetScope(models.TextChoices):
    AUTHENTICATOR = "authenticator", _("Google Authenticator")
    SMS = "sms", _("SMS confirmation")
    ALL = "all", _("every factor")


class Reset(models.Model):
    """An operator disabled a client's factor, at the client's explicit request."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="two_factor_resets"
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="two_factor_resets_done",
    )
    scope = models.CharField(_("factor"), max_length=13, choices=ResetScope)
    reason = EncryptedTextField(_("reason"))
    ticket = models.CharField(_("ticket"), max_length=50, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    # Until when other systems are told to hold back grave acts; null: no hold.
    hold_until = models.DateTimeField(_("hold until"), null=True, blank=True)
    # The client must enrol again at the next sign-in: a reset is no silent downgrade.
    enrolled_again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reset of a factor")
        verbose_name_plural = _("resets of factors")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("disable_factor", _("Can disable a client's second factor"))]
        indexes = [models.Index(fields=["user", "-id"], name="reset_by_user")]

    def __str__(self) -> str:
        return f"{self.scope} {self.at:%Y-%m-%d}"
