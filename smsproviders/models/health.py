from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smsproviders.models.provider import SmsProvider
from smsproviders.vocabulary import ConditionKind


class ProviderCondition(models.Model):
    """One thing about a provider that operators are told of when it changes, and what they know.

    `state` is "" when all is well, else a word of its kind; see `smsproviders.conditions`.
    """

    provider = models.ForeignKey(SmsProvider, on_delete=models.CASCADE, related_name="conditions")
    kind = models.CharField(max_length=8, choices=ConditionKind)
    state = models.TextField(blank=True)
    # When the state became what it is.
    since = models.DateTimeField(default=timezone.now)
    told_state = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind"], name="condition_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.state or 'well'}"


class ProviderTally(models.Model):
    """Ten minutes of one provider in numbers: what figures are added up from.

    Counted from the attempts, again and again while they may still change, so that a list of
    providers never reads attempts, however many there are.
    """

    provider = models.ForeignKey(SmsProvider, on_delete=models.CASCADE, related_name="tallies")
    began_at = models.DateTimeField(_("began"))
    counted_at = models.DateTimeField(default=timezone.now)
    calls = models.PositiveIntegerField(default=0)
    successes = models.PositiveIntegerField(default=0)
    codes = models.PositiveIntegerField(default=0)
    typed = models.PositiveIntegerField(default=0)
    # Histograms: how many by the number of the bucket, as `smsproviders.latencies` has them.
    answers = models.JSONField(default=dict)
    arrivals = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["provider", "began_at"], name="tally_kept_once")
        ]
        indexes = [models.Index(fields=["began_at"], name="tally_by_time")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.began_at:%Y-%m-%d %H:%M}"
