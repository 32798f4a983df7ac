from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.identifiers import uuid7
from twofa.vocabulary import FactorKind


class VerdictOutcome(models.TextChoices):
    """What followed a verdict. See docs/dashboard.md."""

    HELD = "held", _("held")
    CONTACT = "contact", _("came again")
    RESET = "reset", _("reset")
    UNKNOWN = "unknown", _("not known")


class VerdictShown(models.Model):
    """An operator was told why a client's codes do not work, and what followed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="verdicts_shown",
        db_index=False,
    )
    # Null: by the command.
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # A cause of the catalogue, or `ok`.
    verdict = models.CharField(_("verdict"), max_length=40)
    # The other causes that were found, the likelier first.
    further = models.JSONField(default=list, blank=True)
    shown_at = models.DateTimeField(_("shown"), default=timezone.now)
    # What it was as of, when that was not the present: of a reference that the client read out.
    as_of = models.DateTimeField(null=True, blank=True)
    # Ten minutes of the clock, and the operator or "": two pages at once are one showing.
    shown_once = models.CharField(max_length=60, editable=False)
    outcome = models.CharField(_("what followed"), max_length=7, choices=VerdictOutcome, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # The client's next code that was taken, or sign-in without one; within a day.
    recovered_at = models.DateTimeField(_("works again"), null=True, blank=True)
    recovered_by = models.CharField(max_length=13, choices=FactorKind, blank=True)
    # When to look for what followed; null: that is settled for good.
    look_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "verdict", "shown_once"], name="verdict_shown_once"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-shown_at"], name="verdict_by_user"),
            models.Index(fields=["shown_at"], name="verdict_by_time"),
            models.Index(
                fields=["look_at"],
                name="verdict_unsettled",
                condition=models.Q(look_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.outcome or 'open'}"


class VerdictTally(models.Model):
    """One day (UTC) of one verdict in numbers, counted anew until nothing can change any more."""

    day = models.DateField()
    verdict = models.CharField(max_length=40)
    shown = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    contact = models.PositiveIntegerField(default=0)
    reset = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    # A histogram, as `smsproviders.latencies` has them, of seconds until codes worked again.
    recoveries = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "verdict"], name="verdict_tally_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.verdict}"
