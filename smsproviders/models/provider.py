import json
from collections.abc import Mapping
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from smsproviders.vocabulary import CheckKind, CheckResult

# The name stands in the address that the provider calls: fixed once given.
name_validator = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Lower-case letters, digits and single hyphens only.")
)


class SmsProvider(models.Model):
    """One configured SMS account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    caption = models.CharField(_("caption"), max_length=100)
    name = models.CharField(
        _("name"),
        max_length=50,
        unique=True,
        validators=[name_validator],
        help_text=_("Stands in the address for delivery reports; cannot be changed later."),
    )
    backend = models.CharField(_("backend"), max_length=20)
    enabled = models.BooleanField(_("enabled"), default=False)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=10, help_text=_("The lowest number is tried first.")
    )
    # JSON of the backend's own form: secrets and the rest together.
    encrypted_credentials = EncryptedTextField(blank=True, default="")
    # Senders by country code; "" is the default sender.
    senders = models.JSONField(_("senders"), default=dict, blank=True)
    # Country codes; empty: every country that the policy allows.
    countries = models.JSONField(_("countries served"), default=list, blank=True)
    low_balance = models.DecimalField(
        _("low-balance threshold"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    # What the account may send, all workers together; null: what its backend says.
    messages_per_second = models.FloatField(
        _("messages per second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(10_000)],
    )
    credentials_result = models.CharField(
        max_length=8, choices=CheckResult, default=CheckResult.UNKNOWN, editable=False
    )
    credentials_words = models.CharField(max_length=300, blank=True, editable=False)
    credentials_cause = models.CharField(max_length=40, blank=True, editable=False)
    credentials_checked_at = models.DateTimeField(null=True, editable=False)
    balance = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, editable=False
    )
    currency = models.CharField(max_length=3, blank=True, editable=False)
    balance_checked_at = models.DateTimeField(null=True, editable=False)
    sender_result = models.CharField(
        max_length=8, choices=CheckResult, default=CheckResult.UNKNOWN, editable=False
    )
    sender_words = models.CharField(max_length=300, blank=True, editable=False)
    # What came to the address for reports; see `smsproviders.report_evidence`. The two counts are
    # of what happened since the last proved report.
    report_received_at = models.DateTimeField(null=True, editable=False)
    report_refused_at = models.DateTimeField(null=True, editable=False)
    reports_refused = models.PositiveIntegerField(default=0, editable=False)
    report_missed_at = models.DateTimeField(null=True, editable=False)
    reports_missed = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("SMS provider")
        verbose_name_plural = _("SMS providers")
        ordering = ["priority", "caption"]
        permissions = [
            ("check_smsprovider", _("Can check an SMS provider")),
            ("send_test_sms", _("Can send a test SMS")),
            ("reset_breaker", _("Can reset a breaker of an SMS provider")),
        ]

    def __str__(self) -> str:
        return self.caption

    @property
    def credentials(self) -> dict[str, Any]:
        stored: dict[str, Any] = json.loads(self.encrypted_credentials or "{}")
        return stored

    @credentials.setter
    def credentials(self, values: Mapping[str, Any]) -> None:
        self.encrypted_credentials = json.dumps(dict(values))

    def serves(self, country: str) -> bool:
        return not self.countries or country in self.countries

    def sender_for(self, country: str) -> str:
        """The sender for that country, else the default one, else "" (the backend knows)."""
        return str(self.senders.get(country) or self.senders.get("") or "")

    @property
    def balance_is_low(self) -> bool:
        return (
            self.balance is not None
            and self.low_balance is not None
            and self.balance < self.low_balance
        )


class ProviderCheck(models.Model):
    """The history of checks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(SmsProvider, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField(_("checked at"), default=timezone.now)
    kind = models.CharField(_("check"), max_length=11, choices=CheckKind)
    result = models.CharField(_("result"), max_length=8, choices=CheckResult)
    words = models.CharField(_("in words"), max_length=300, blank=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("check of a provider")
        verbose_name_plural = _("checks of providers")
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["provider", "-id"], name="check_by_provider"),
            # For the purge: old rows are found without reading the young ones.
            models.Index(fields=["at"], name="check_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.result}"
