from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from backoffice.common.identifiers import uuid7
from clients.models import UserSession
from twofa.models.factors import Factor


class TrustEnd(models.TextChoices):
    """Why a browser is not trusted any more."""

    STOPPED = "stopped", _("stopped by the client")
    SIGNED_OUT = "signed_out", _("sessions ended from elsewhere")
    PASSWORD_CHANGED = "password", _("password changed")
    FACTOR_CHANGED = "factor", _("second factor changed")
    RECOVERY_CODES_MADE = "recovery_codes", _("new recovery codes made")
    HARD_LOCKED = "hard_lock", _("locked after wrong codes")
    DENIED = "denied", _("the client said: this was not me")
    COPIED = "copied", _("its proof was shown twice")
    REPLACED = "replaced", _("trusted anew, or too many")
    SWITCHED_OFF = "switched_off", _("switched off for everybody")


class TrustedBrowser(Device):  # type: ignore[misc]
    """A browser whose password alone signs in, for some weeks. The row's key names the series.

    A device of django-otp's, so that the sessions which it began are unverified once it ends.
    """

    kind: ClassVar[str] = "trusted_browser"

    name = None
    persistent_id = Factor.persistent_id
    verify_token = Factor.verify_token

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Off once it has ended.
    confirmed = models.BooleanField(default=True)
    # Of 256 random bits, which need no key against guessing: of the present secret and of the one
    # before, which an answer that was lost on its way left in the browser.
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    rotated_at = models.DateTimeField(default=timezone.now)
    # Whatever way the password changes, the trust ends with it.
    password_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"))
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    address_block = models.CharField(_("network"), max_length=43, blank=True)
    # The newest one of this browser: who ends that session from elsewhere ends the trust.
    session = models.ForeignKey(UserSession, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(_("ended"), null=True, blank=True)
    revoked_why = models.CharField(_("why"), max_length=14, choices=TrustEnd, blank=True)

    class Meta:
        verbose_name = _("trusted browser")
        verbose_name_plural = _("trusted browsers")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "-id"], name="trusted_browser_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed=True, revoked_at=None)
                | Q(confirmed=False, revoked_at__isnull=False),
                name="trusted_browser_ended_verifies_nothing",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
