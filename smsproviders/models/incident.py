from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7
from smsproviders.incident_scope import Scope
from smsproviders.models.provider import SmsProvider


class IncidentKind(models.TextChoices):
    """What clusters. The stronger one first: an outage is one incident, whatever shows it."""

    FAILURES = "failures", _("sends fail")
    RECEIPTS = "receipts", _("no delivery receipts")
    CONVERSION = "conversion", _("few codes are typed")
    QUEUE = "queue", _("our own queue is stalled")


class IncidentOwner(models.TextChoices):
    """Who can mend it."""

    OPERATOR = "operator", _("Us: settings")
    PROVIDER = "provider", _("SMS provider")
    CARRIER = "carrier", _("Mobile network")
    PLATFORM = "platform", _("Us: our systems")
    UNKNOWN = "unknown", _("Not known")


class Incident(models.Model):
    """Failures of many at once: where, since when, how many. Opens and closes by itself.

    See docs/incidents.md. The scope is what is common to the failures: a provider, a country, the
    first digits of the numbers, each empty where that is not what they have in common.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=IncidentKind)
    provider = models.ForeignKey(
        SmsProvider, null=True, blank=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    provider_caption = models.CharField(_("provider"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # With the plus; at most what `smsproviders.prefixes` cuts a number down to.
    prefix = models.CharField(_("prefix"), max_length=12, blank=True)
    # What most of the failures say; "" where they say nothing.
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)
    owner = models.CharField(
        _("who can mend it"), max_length=8, choices=IncidentOwner, default=IncidentOwner.UNKNOWN
    )
    # The first failure; the newest at an unusual rate; when it was seen to be over. Null: open.
    began_at = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    last_bad_at = models.DateTimeField(_("until"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # What opened it again joins it: an outage that flaps is one.
    reopened = models.PositiveSmallIntegerField(default=0)
    # Merged into a wider one, which tells it all.
    part_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts"
    )
    # Since `began_at`. A send is a message by one provider; a number counts once.
    sends = models.PositiveIntegerField(_("sends"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    numbers = models.PositiveIntegerField(_("numbers"), default=0)
    hit = models.PositiveIntegerField(_("without a code"), default=0)
    # Whether many of those who ask now get no code, other providers notwithstanding.
    is_felt = models.BooleanField(default=False)
    # What is usual there; of nothing where there was little to tell it by.
    usual_failed = models.PositiveIntegerField(default=0)
    usual_sends = models.PositiveIntegerField(default=0)
    note = EncryptedTextField(blank=True, default="")
    noted_at = models.DateTimeField(null=True, blank=True)
    # As the layers above know the operator.
    noted_by = models.CharField(max_length=40, blank=True)
    # The state that operators were told of: "", "open", "over".
    told_state = models.CharField(max_length=4, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("note_incident", _("Can write the note of an incident"))]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "country", "prefix", "kind"],
                condition=models.Q(closed_at=None),
                name="incident_open_once",
            ),
            # Null differs from null.
            models.UniqueConstraint(
                fields=["country", "prefix", "kind"],
                condition=models.Q(closed_at=None, provider=None),
                name="incident_of_all_open_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-began_at"], name="incident_open", condition=models.Q(closed_at=None)
            ),
            models.Index(fields=["-last_bad_at"], name="incident_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_caption} {self.country} {self.prefix}".strip()

    @property
    def scope(self) -> Scope:
        return Scope(self.provider_id, self.country, self.prefix)

    @scope.setter
    def scope(self, scope: Scope) -> None:
        self.provider_id, self.country, self.prefix = scope.provider_id, scope.country, scope.prefix

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def ended_at(self) -> datetime | None:
        """When it was over, which is known some minutes later; None while it is open."""
        return None if self.closed_at is None else self.last_bad_at


class IncidentMinute(models.Model):
    """One minute within the scope of an incident, and shortly before: for its numbers and line.

    Counted anew, and written over, while reports may still change it.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="minutes", db_index=False
    )
    minute = models.DateTimeField()
    sends = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        ordering = ["minute"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "minute"], name="incident_minute_once")
        ]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.failed}/{self.sends}"


class HitOutcome(models.TextChoices):
    """What became of somebody whom an incident hit, when it was over."""

    TOLD = "told", _("told by e-mail")
    RECOVERED = "recovered", _("signed in meanwhile")
    LEFT_OUT = "left_out", _("not told")


class IncidentNumber(models.Model):
    """A number to which a send failed within an incident; once, however often it was tried."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="hits", db_index=False
    )
    number = models.CharField(max_length=16)
    first_at = models.DateTimeField()
    # The last time that it got no code at all; null: another provider did it.
    hit_at = models.DateTimeField(null=True, blank=True)
    # Once the incident is over, and whoever it was is told, or need not be.
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=HitOutcome, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="incident_number_once")
        ]
        indexes = [
            models.Index(
                fields=["incident", "-id"],
                name="incident_hits",
                condition=models.Q(hit_at__isnull=False),
            ),
            models.Index(
                fields=["incident", "id"],
                name="incident_untold",
                condition=models.Q(hit_at__isnull=False, settled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
