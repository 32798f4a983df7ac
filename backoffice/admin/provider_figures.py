"""How well a provider delivered lately: figures for the list, at a bounded cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import SmsAttempt, SmsProvider
from smsproviders.vocabulary import Decision, Progress

# At most so many of the newest calls are looked at, whatever the traffic.
SAMPLE = 5000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# A missing receipt is no failure: what was taken counts until a report says otherwise.
LOST = Q(progress__in=[Progress.UNDELIVERED, Progress.FAILED])
TAKEN = Q(decision=Decision.DONE) & ~LOST


@dataclass(frozen=True, slots=True)
class Success:
    """`taken` of `calls` that ended. `is_sample`: there were more, the newest were looked at."""

    taken: int
    calls: int
    is_sample: bool = False

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means every one; None when nothing was sent."""
        return self.taken * 100 // self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class Figures:
    hour: Success
    day: Success


def figures_of(provider: SmsProvider) -> Figures:
    """One query over at most SAMPLE rows of an index."""
    now = timezone.now()
    within_hour = Q(started_at__gte=now - HOUR)
    newest = SmsAttempt.objects.filter(provider=provider, id__gte=first_uuid7_at(now - DAY))
    found = (
        newest.exclude(decision="")
        .order_by("-id")[:SAMPLE]
        .aggregate(
            day=Count("id"),
            day_taken=Count("id", filter=TAKEN),
            hour=Count("id", filter=within_hour),
            hour_taken=Count("id", filter=TAKEN & within_hour),
        )
    )
    return Figures(
        hour=Success(found["hour_taken"], found["hour"], found["hour"] == SAMPLE),
        day=Success(found["day_taken"], found["day"], found["day"] == SAMPLE),
    )


def last_call(provider: SmsProvider) -> datetime | None:
    return (
        SmsAttempt.objects.filter(provider=provider)
        .order_by("-id")
        .values_list("started_at", flat=True)
        .first()
    )
