"""How well providers delivered lately: success, conversion and latency in an hour and a day.

Added up from the tallies of `smsproviders.tallying`, which says what each number means: some 150
small rows for each provider, whatever the traffic.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.latencies import Latency, latency_of
from smsproviders.models import ProviderTally, SmsAttempt, SmsProvider
from smsproviders.tallying import began, counts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = 24
SAMPLE = 2000


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means every one; None of nothing."""
        return self.part * 100 // self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Span:
    """What a provider did in a span of time."""

    success: Share
    conversion: Share
    answer: Latency | None
    arrival: Latency | None

    @property
    def failures(self) -> int:
        return self.success.whole - self.success.part


@dataclass(frozen=True, slots=True)
class HourOfDay:
    at: datetime
    span: Span


@dataclass(frozen=True, slots=True)
class Figures:
    """`hour` and `day` are of the last 60 to 70 minutes, and 24 hours and up to ten minutes.

    `hours` are the last 24 hours of the clock, the present one too, the oldest first.
    `counted_at` is None when nothing was counted yet.
    """

    hour: Span
    day: Span
    hours: Sequence[HourOfDay]
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountryFigures:
    country: str
    success: Share
    conversion: Share


def by_country(provider: SmsProvider) -> list[CountryFigures]:
    """Of the last day, the busiest country first; over the newest SAMPLE calls at most.

    Read from the attempts: it is of one provider, on its own page.
    """
    newest = SmsAttempt.objects.filter(
        provider=provider, id__gte=first_uuid7_at(timezone.now() - DAY)
    ).exclude(decision="")
    sample = SmsAttempt.objects.filter(pk__in=newest.order_by("-id").values("pk")[:SAMPLE])
    return [
        CountryFigures(
            row["country"],
            success=Share(row["successes"], row["calls"]),
            conversion=Share(row["typed"], row["codes"]),
        )
        for row in counts(sample.values("country")).order_by("-calls", "country")
    ]


def figures_of(providers: Iterable[UUID]) -> dict[UUID, Figures]:
    """One query, for however many providers."""
    now = timezone.now()
    wanted = list(providers)
    since = min(began(now - DAY), _first_hour(now))
    rows = ProviderTally.objects.filter(provider__in=wanted, began_at__gte=since)
    found: dict[UUID, list[ProviderTally]] = defaultdict(list)
    for row in rows:
        found[row.provider_id].append(row)
    return {pk: _figures(found[pk], now) for pk in wanted}


def _figures(rows: Sequence[ProviderTally], now: datetime) -> Figures:
    by_hour: dict[datetime, list[ProviderTally]] = defaultdict(list)
    for row in rows:
        by_hour[_hour(row.began_at)].append(row)
    first = _first_hour(now)
    hours = [first + number * HOUR for number in range(HOURS)]
    return Figures(
        hour=_span([row for row in rows if row.began_at >= began(now - HOUR)]),
        day=_span([row for row in rows if row.began_at >= began(now - DAY)]),
        hours=[HourOfDay(at, _span(by_hour[at])) for at in hours],
        counted_at=max((row.counted_at for row in rows), default=None),
    )


def _span(rows: Sequence[ProviderTally]) -> Span:
    return Span(
        success=Share(sum(row.successes for row in rows), sum(row.calls for row in rows)),
        conversion=Share(sum(row.typed for row in rows), sum(row.codes for row in rows)),
        answer=latency_of(row.answers for row in rows),
        arrival=latency_of(row.arrivals for row in rows),
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _first_hour(now: datetime) -> datetime:
    return _hour(now) - (HOURS - 1) * HOUR
