from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose, SendOutcome

_QUEUED = models.Q(outcome=SendOutcome.QUEUED)


class VerificationState(models.Model):
    """One row a user: the counters of wrong codes, and the row that every verify and send locks."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="verification_state",
    )
    # Wrong codes since the last success, whatever the session, device or factor.
    failures = models.PositiveIntegerField(default=0)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    locked_until = models.DateTimeField(null=True, blank=True)
    # No end by itself: an operator or a recovery code unlocks.
    hard_locked_at = models.DateTimeField(null=True, blank=True)
    recovery_failures = models.PositiveIntegerField(default=0)
    recovery_locked_until = models.DateTimeField(null=True, blank=True)
    # The factor offered first at the next sign-in: the one preferred, else the one used last.
    last_factor = models.CharField(max_length=13, choices=FactorKind, blank=True)
    # Chosen by the client, and by nobody else; passed over while that factor is off.
    preferred_factor = models.CharField(max_length=13, choices=FactorKind, blank=True, default="")
    last_success_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        permissions = [
            ("unlock_client", _("Can unlock a client's second factor")),
            ("unlock_timed", _("Can end a timed lock of an identified caller")),
            ("diagnose_client", _("Can see why a client's codes do not work")),
        ]
        # For the lists of locked clients. Hardly anybody is locked: both stay small, and counting
        # a wrong code writes neither.
        indexes = [
            models.Index(
                fields=["locked_until"],
                name="twofa_state_locked_until",
                condition=models.Q(locked_until__isnull=False),
            ),
            models.Index(
                fields=["hard_locked_at"],
                name="twofa_state_hard_locked",
                condition=models.Q(hard_locked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Challenge(models.Model):
    """One request for a code, for one user, purpose, session and, by SMS, one number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Short, without look-alike letters: what a client reads out to support.
    public_reference = models.CharField(max_length=9, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="challenges"
    )
    factor = models.CharField(_("factor"), max_length=13, choices=FactorKind)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    # A digest of a random value in the session that asked: the code works in no other.
    binding = models.CharField(max_length=64)
    # The factor's row: a code asked for before the factor was replaced does not fit the new one.
    factor_id = models.UUIDField(null=True, blank=True)
    number = models.CharField(_("number"), max_length=16, blank=True)
    # Encrypted, compared in constant time, blanked when consumed, superseded or expired.
    code = EncryptedTextField(blank=True, default="")
    # Keyed digest of it: tells "expired" and "an older code" from "incorrect" once it is blank.
    code_digest = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    sends = models.PositiveSmallIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    consumed_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-id"], name="challenge_by_user"),
            models.Index(
                fields=["expires_at"], name="challenge_with_code", condition=~models.Q(code="")
            ),
        ]

    def __str__(self) -> str:
        return self.public_reference


class CodeAttempt(models.Model):
    """Evidence: one try to verify a code. Never the code itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="code_attempts"
    )
    challenge = models.ForeignKey(
        Challenge, null=True, blank=True, on_delete=models.SET_NULL, related_name="tries"
    )
    factor = models.CharField(_("factor"), max_length=13, choices=FactorKind)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    outcome = models.CharField(_("outcome"), max_length=12, choices=CodeOutcome)
    # The factor's row: what is burnt or explained belongs to one seed.
    factor_id = models.UUIDField(null=True, blank=True)
    # TOTP: the step at which the code would have matched, far outside the window too, only to
    # explain. A step matched so is burnt, that is refused later.
    matched_step = models.BigIntegerField(null=True, blank=True)
    offset_steps = models.IntegerField(null=True, blank=True)
    # The code was right for the client's other factor. Evidence only: nobody is told but operators.
    other_factor = models.CharField(max_length=13, choices=FactorKind, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("code attempt")
        verbose_name_plural = _("code attempts")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-id"], name="try_by_user"),
            models.Index(
                fields=["factor_id", "matched_step"],
                name="try_burnt_steps",
                condition=models.Q(matched_step__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor} {self.outcome}"


class SendRequest(models.Model):
    """The ledger of asked-for SMS codes, refused ones too: a refusal is itself a diagnosis."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="send_requests"
    )
    challenge = models.ForeignKey(
        Challenge, null=True, blank=True, on_delete=models.SET_NULL, related_name="send_requests"
    )
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    number = models.CharField(_("number"), max_length=16, blank=True)
    # The number without its last four digits: where pumping shows.
    prefix = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # Of IPv6 the network (/64): one household or one attacker has a whole one.
    address = models.GenericIPAddressField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=14, choices=SendOutcome)
    allowed_from = models.DateTimeField(_("allowed from"), null=True, blank=True)
    # The message of a queued one, as the outbox knows it: one that never left is forgiven.
    message_id = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = _("request for a code")
        verbose_name_plural = _("requests for codes")
        ordering = ["-id"]
        default_permissions = ()
        permissions = [("send_test_message", _("Can send a client a test SMS"))]
        indexes = [
            models.Index(fields=["user", "-id"], name="send_by_user"),
            # What the caps count: a flood of refused requests does not slow them.
            models.Index(fields=["user", "-at"], name="send_by_account", condition=_QUEUED),
            models.Index(fields=["number", "-at"], name="send_by_number", condition=_QUEUED),
            models.Index(fields=["prefix", "-at"], name="send_by_prefix", condition=_QUEUED),
            models.Index(fields=["address", "-at"], name="send_by_address", condition=_QUEUED),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.at:%Y-%m-%d %H:%M}"
