"""How codes did lately: in the last hour, in the last day, and hour by hour.

Added up from the tallies of `twofa.code_tallying`, which says what each number means: some 150
small rows, whatever the traffic.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from smsproviders.latencies import latency_of
from smsproviders.tallying import began
from twofa.models import CodeTally
from twofa.vocabulary import CodeOutcome, FactorKind, SendOutcome

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = 24


@dataclass(frozen=True, slots=True)
class Codes:
    """Of a span of time. The three times are medians in milliseconds; None of nothing.

    `refused` by reason, `failed` messages by cause, `tries` by factor and outcome.
    """

    asked: int
    taken: int
    delivered: int
    typed: int
    until_taken: int | None
    until_delivered: int | None
    until_typed: int | None
    refused: Mapping[SendOutcome, int]
    failed: Mapping[str, int]
    tries: Mapping[FactorKind, Mapping[CodeOutcome, int]]


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """An hour of the clock: codes asked for, codes typed, messages that did not arrive."""

    at: datetime
    asked: int
    typed: int
    failed: int


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """`hour` and `day` are of the last 60 to 70 minutes, and 24 hours and up to ten minutes.

    `hours` are the last 24 hours of the clock, the present one too, the oldest first.
    `counted_at` is None when nothing was counted yet.
    """

    hour: Codes
    day: Codes
    hours: Sequence[HourOfDay]
    counted_at: datetime | None


def figures() -> CodeFigures:
    """One query."""
    now = timezone.now()
    since = min(began(now - DAY), _first_hour(now))
    rows = list(CodeTally.objects.filter(began_at__gte=since))
    return CodeFigures(
        hour=_codes([row for row in rows if row.began_at >= began(now - HOUR)]),
        day=_codes([row for row in rows if row.began_at >= began(now - DAY)]),
        hours=_hours(rows, now),
        counted_at=max((row.counted_at for row in rows), default=None),
    )


def _codes(rows: Sequence[CodeTally]) -> Codes:
    return Codes(
        asked=sum(row.asked for row in rows),
        taken=sum(row.taken for row in rows),
        delivered=sum(row.delivered for row in rows),
        typed=sum(row.typed for row in rows),
        until_taken=_median([row.until_taken for row in rows]),
        until_delivered=_median([row.until_delivered for row in rows]),
        until_typed=_median([row.until_typed for row in rows]),
        refused={SendOutcome(key): n for key, n in _sum([row.refused for row in rows])},
        failed=dict(_sum([row.causes for row in rows])),
        tries=_tries(_sum([row.tries for row in rows])),
    )


def _median(histograms: Sequence[Mapping[str, int]]) -> int | None:
    latency = latency_of(histograms)
    return latency.median if latency else None


def _sum(counted: Sequence[Mapping[str, int]]) -> list[tuple[str, int]]:
    """The most first; by name where they are as many, so that a page does not change by itself."""
    total: Counter[str] = Counter()
    for one in counted:
        total.update(one)
    return sorted(total.items(), key=lambda item: (-item[1], item[0]))


def _tries(counted: Sequence[tuple[str, int]]) -> Mapping[FactorKind, Mapping[CodeOutcome, int]]:
    found: dict[FactorKind, dict[CodeOutcome, int]] = defaultdict(dict)
    for key, number in counted:
        factor, _, outcome = key.partition(":")
        found[FactorKind(factor)][CodeOutcome(outcome)] = number
    return {kind: found[kind] for kind in FactorKind if kind in found}


def _hours(rows: Sequence[CodeTally], now: datetime) -> Sequence[HourOfDay]:
    by_hour: dict[datetime, list[CodeTally]] = defaultdict(list)
    for row in rows:
        by_hour[_hour(row.began_at)].append(row)
    first = _first_hour(now)
    return [
        HourOfDay(
            at=at,
            asked=sum(row.asked for row in by_hour[at]),
            typed=sum(row.typed for row in by_hour[at]),
            failed=sum(sum(row.causes.values()) for row in by_hour[at]),
        )
        for at in (first + number * HOUR for number in range(HOURS))
    ]


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _first_hour(now: datetime) -> datetime:
    return _hour(now) - (HOURS - 1) * HOUR
