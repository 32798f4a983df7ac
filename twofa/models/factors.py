"""Factors: subclasses of django-otp's Device, so that its middleware and admin site know them.

django-otp's `verify_token()` is not used: called directly it accepts one code several times in
parallel and takes "+1_2" for a number. Codes are checked in `twofa.verification`, under a lock.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from phonenumber_field.modelfields import PhoneNumberField

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from twofa.vocabulary import FactorKind


class Factor(Device):  # type: ignore[misc]
    """Common to all: nothing signs in until it is confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    confirmed = models.BooleanField(_("enabled"), default=False)
    created_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(_("since"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    kind: FactorKind

    class Meta:
        abstract = True

    @property
    def persistent_id(self) -> str:
        """What a verified session holds; its middleware reads only whole numbers as an id."""
        return f"{self.model_label()}/{self.id.int}"

    def verify_token(self, token: str) -> bool:
        """Refused: use `twofa.verification`, which locks, counts and consumes."""
        raise TypeError("codes are checked by twofa.verification")


def _one_of_each(prefix: str) -> list[models.UniqueConstraint]:
    """One in force and one being enrolled: a factor is replaced without a gap."""
    return [
        models.UniqueConstraint(
            fields=["user"], condition=Q(confirmed=True), name=f"{prefix}_one_confirmed"
        ),
        models.UniqueConstraint(
            fields=["user"], condition=Q(confirmed=False), name=f"{prefix}_one_unconfirmed"
        ),
    ]


class Authenticator(Factor):
    """TOTP (RFC 6238): SHA-1, 30 s, six digits, as every authenticator app understands."""

    kind = FactorKind.AUTHENTICATOR
    # 160 bits as base32 (RFC 4226, section 4). Shown once, while enrolling.
    seed = EncryptedTextField()
    # The newest time step whose code was accepted: it and those before are used up.
    last_used_step = models.BigIntegerField(default=-1)
    # How many steps the app's clock is ahead of ours (negative: behind), found by resynchronising.
    drift_steps = models.SmallIntegerField(default=0)

    class Meta:
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")
        default_permissions = ()
        constraints = _one_of_each("authenticator")


class SmsConfirmation(Factor):
    kind = FactorKind.SMS
    number = PhoneNumberField(_("number"))

    class Meta:
        verbose_name = _("SMS confirmation")
        verbose_name_plural = _("SMS confirmations")
        default_permissions = ()
        constraints = _one_of_each("sms")


class RecoveryCodes(Factor):
    """The spare: ten codes made together; new ones void the old."""

    kind = FactorKind.RECOVERY
    # What the codes' digests are keyed with: of its own, so that it outlives a change of DATA_KEYS.
    key = EncryptedTextField()

    class Meta:
        verbose_name = _("recovery codes")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user"], name="recovery_codes_one_set")]


class RecoveryCode(models.Model):
    device = models.ForeignKey(RecoveryCodes, on_delete=models.CASCADE, related_name="codes")
    # Of 80 random bits, and keyed: a dump of the table alone allows no guessing (ASVS 5.0, 6.5.2).
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["device", "digest"], name="recovery_code_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)
