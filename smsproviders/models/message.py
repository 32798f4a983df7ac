from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from backoffice.common.masking import mask_phone
from smsproviders.models.provider import SmsProvider
from smsproviders.prefixes import prefix_column
from smsproviders.vocabulary import FINAL_STATES, Decision, MessageState, Progress

# Still to be closed; or closed with its text still there, which must not be.
UNSETTLED = Q(finished_at=None) | ~Q(body="")


class SmsMessage(models.Model):
    """One SMS we want sent: the outbox row. It is the truth; a Celery task is only its trigger."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(_("number"), max_length=16)  # E.164
    # See smsproviders/prefixes.py.
    prefix = models.GeneratedField(
        expression=prefix_column("number"),
        output_field=models.CharField(max_length=12),
        db_persist=True,
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    # Blanked once the message is final or settled.
    body = EncryptedTextField(blank=True)
    purpose = models.CharField(_("purpose"), max_length=20)
    # What the caller knows the message by; opaque here.
    reference = models.CharField(_("reference"), max_length=64, blank=True)
    # Only this provider, for a test SMS; null: the route decides.
    only_provider = models.ForeignKey(
        SmsProvider,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    state = models.CharField(
        _("state"), max_length=11, choices=MessageState, default=MessageState.QUEUED
    )
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    # When a worker may next take the row: backoff, the wait after an ambiguous answer, and, while
    # a worker has it, the end of its lease. Null: there is nothing to send.
    next_attempt_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    # Names the worker's claim, so that one whose lease ran out cannot go on.
    lease = models.UUIDField(null=True, blank=True)
    # Since when every provider of its route is to be left alone (breakers); null: not so.
    held_since = models.DateTimeField(null=True, blank=True, editable=False)
    # The provider whose rate it waits for, having a place in that line.
    in_line_for = models.UUIDField(null=True, blank=True, editable=False)
    # When its task was put into the queue, or is due there; null: that failed.
    published_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(_("taken by the provider"), null=True, blank=True)
    sent_at = models.DateTimeField(_("handed to the network"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    # Final, or settled: no further send.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # The code in it was typed: the reliable signal of a route.
    converted_at = models.DateTimeField(_("typed"), null=True, blank=True)
    resent_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="resends",
        db_index=False,
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("resend_smsmessage", _("Can send a message with a code again"))]
        indexes = [
            # For the sweeper and the settler: what they look at stays small however large the table
            # grows. None on `next_attempt_at`, which changes most often: each change of an indexed
            # column is paid in every index.
            models.Index(fields=["expires_at"], name="message_unsettled", condition=UNSETTLED),
            models.Index(fields=["number", "-id"], name="message_by_number"),
            models.Index(fields=["reference"], name="message_by_reference"),
            models.Index(fields=["created_at"], name="message_by_time"),
            # Partial: a message changes often before a provider takes it, and seldom afterwards.
            models.Index(
                fields=["prefix", "created_at"],
                name="message_by_prefix",
                condition=Q(accepted_at__isnull=False),
            ),
            # Few of many, and what operators look for.
            models.Index(fields=["-id"], name="message_in_trouble", condition=~Q(cause="")),
            models.Index(fields=["cause", "-id"], name="message_by_cause", condition=~Q(cause="")),
            # Mostly null, and paid at each change of the row: hence not Django's own.
            models.Index(
                fields=["only_provider"],
                name="message_of_test",
                condition=Q(only_provider__isnull=False),
            ),
            models.Index(
                fields=["resent_from"],
                name="message_resent",
                condition=Q(resent_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.masked_number} {self.state}"

    @property
    def masked_number(self) -> str:
        return mask_phone(self.number)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


class SmsAttempt(models.Model):
    """One call to one provider, committed before the call is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without indexes of their own: others begin with these columns.
    message = models.ForeignKey(
        SmsMessage, on_delete=models.CASCADE, related_name="attempts", db_index=False
    )
    provider = models.ForeignKey(
        SmsProvider, null=True, on_delete=models.SET_NULL, related_name="attempts", db_index=False
    )
    provider_caption = models.CharField(_("provider"), max_length=100)
    # That of the message: breakers look at the latest calls of a provider towards a country.
    country = models.CharField(max_length=2, blank=True, editable=False)
    number = models.PositiveSmallIntegerField(_("attempt"))
    sender = models.CharField(_("sender"), max_length=50, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    duration_ms = models.PositiveIntegerField(_("duration, ms"), null=True, blank=True)
    # Empty while the call runs. A later report may settle it otherwise.
    decision = models.CharField(_("outcome"), max_length=9, choices=Decision, blank=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    # The call, or its report, failed by the provider's fault; whatever came of the message.
    counts_for_breaker = models.BooleanField(default=False, editable=False)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)
    answer = models.JSONField(_("answer"), default=dict, blank=True)
    provider_message_id = models.CharField(_("provider's id"), max_length=80, blank=True)
    progress = models.CharField(_("progress"), max_length=11, choices=Progress, blank=True)
    segments = models.PositiveSmallIntegerField(_("segments"), null=True, blank=True)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=5, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    # When we ask the provider for its state, lacking a final report; null: never again.
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["message", "number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="attempt_numbered_once")
        ]
        indexes = [
            models.Index(fields=["provider", "-id"], name="attempt_by_provider"),
            models.Index(fields=["provider", "country", "-id"], name="attempt_by_destination"),
            models.Index(fields=["provider_message_id"], name="attempt_by_provider_id"),
            models.Index(
                fields=["ask_at"], name="attempt_to_ask_for", condition=Q(ask_at__isnull=False)
            ),
            models.Index(
                fields=["started_at"], name="attempt_priced", condition=Q(price__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_caption} {self.number}: {self.decision or 'running'}"


class DeliveryReport(models.Model):
    """A report as received, once; the message's state only moves forward by it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attempt = models.ForeignKey(
        SmsAttempt, on_delete=models.CASCADE, related_name="reports", db_index=False
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    raw_status = models.CharField(_("status"), max_length=30)
    progress = models.CharField(_("progress"), max_length=11, choices=Progress, blank=True)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)
    payload = models.JSONField(_("payload"), default=dict)
    asked_for = models.BooleanField(_("asked for by us"), default=False)

    class Meta:
        verbose_name = _("delivery report")
        verbose_name_plural = _("delivery reports")
        ordering = ["id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "raw_status", "error_code"], name="report_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.raw_status} {self.error_code}".strip()
