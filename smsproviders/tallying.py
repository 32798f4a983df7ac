"""Counting what providers did, ten minutes at a time, into rows that figures are added up from.

Why rows: a list of providers that counted attempts would read hundreds of thousands of them at
each look. A tally is counted from the attempts themselves and written over, so counting twice,
late, or by two beats at once does no harm, and a report that comes later still gets in. The older a
tally is, the more seldom it is counted again; after a day it stays.

- *Calls*: that ended. *Successes*: the provider took the message, and no report says that it was
  lost; a missing report is no failure.
- *Codes*: messages with a code that the provider took, and whose code was typed or is dead by now.
  *Typed*: those of them whose code was typed. A test or a notice holds no code.
- *Answers*: how long calls took that the provider answered. *Arrivals*: from the call to our
  knowing that the phone has the message.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import TruncMinute
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.latencies import EDGES_MS
from smsproviders.models import ProviderTally, SmsAttempt, SmsProvider
from smsproviders.vocabulary import Decision, Progress

LENGTH = timedelta(minutes=10)
DAY = timedelta(days=1)
KEPT = timedelta(days=8)
# A tally is stale when it was counted longer ago than this part of its age.
PATIENCE = 5
# Of a day that nobody counted; the next run goes on.
AT_ONCE = 36
# An attempt's key is made a moment after the time that is written into it.
SLACK = timedelta(seconds=5)

LOST = Q(progress__in=[Progress.UNDELIVERED, Progress.FAILED])
SUCCESS = Q(decision=Decision.DONE) & ~LOST
# A lost one was taken: only what was taken is reported about. Its decision is the report's.
TAKEN = Q(decision=Decision.DONE) | LOST
# What can be marked as converted is known by a reference.
WITH_CODE = TAKEN & ~Q(message__reference="")
TYPED = SUCCESS & Q(message__converted_at__isnull=False)
_MINUTE = TruncMinute("started_at")
COUNTS = ("calls", "successes", "codes", "typed")


def count_due() -> int:
    """Count what is missing or stale, the newest first; how many spans of time were counted."""
    now = timezone.now()
    providers = list(SmsProvider.objects.order_by("pk").values_list("pk", flat=True))
    counted = _counted_at(now)
    due = [
        began_at
        for began_at in reversed(spans(now - DAY, now))
        if is_due(began_at, [counted[began_at].get(pk) for pk in providers], now)
    ][:AT_ONCE]
    if due:
        _write(_counted(due), [(pk, began_at) for pk in providers for began_at in sorted(due)], now)
    ProviderTally.objects.filter(began_at__lt=now - KEPT).delete()
    return len(due)


def spans(since: datetime, until: datetime) -> list[datetime]:
    """When each span of LENGTH began that has a part of that time, the oldest first."""
    first = began(since)
    return [first + number * LENGTH for number in range((until - first) // LENGTH + 1)]


def began(moment: datetime) -> datetime:
    seconds = int(LENGTH.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


def _counted_at(now: datetime) -> dict[datetime, dict[UUID, datetime]]:
    found: dict[datetime, dict[UUID, datetime]] = defaultdict(dict)
    for row in ProviderTally.objects.filter(began_at__gte=began(now - DAY)):
        found[row.began_at][row.provider_id] = row.counted_at
    return found


def is_due(began_at: datetime, counted_at: Iterable[datetime | None], now: datetime) -> bool:
    """Whether what was counted then is missing or stale by now; None: never counted."""
    patience = max(timedelta(0), now - (began_at + LENGTH)) / PATIENCE
    return any(moment is None or now - moment > patience for moment in counted_at)


@dataclass(slots=True)
class _Numbers:
    counts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    arrivals: Counter[str] = field(default_factory=Counter)


_Key = tuple[UUID, datetime]


def _counted(due: Sequence[datetime]) -> dict[_Key, _Numbers]:
    """Three queries over ranges of the primary key, in which the time is."""
    found: dict[_Key, _Numbers] = defaultdict(_Numbers)
    attempts = SmsAttempt.objects.filter(within(due), provider__isnull=False).exclude(decision="")
    for row in counts(attempts.values("provider_id", minute=_MINUTE)):
        numbers = found[row.pop("provider_id"), began(row.pop("minute"))]
        numbers.counts.update(row)
    for row in _in_buckets(attempts.filter(duration_ms__gt=0), _ANSWERS):
        numbers = found[row["provider_id"], began(row["minute"])]
        numbers.answers[str(row["bucket"])] += row["n"]
    for row in _in_buckets(_delivered(attempts), _ARRIVALS):
        numbers = found[row["provider_id"], began(row["minute"])]
        numbers.arrivals[str(row["bucket"])] += row["n"]
    return found


def within(due: Sequence[datetime]) -> Q:
    """Rows whose keys were made in those spans, or a moment before or after."""
    ranges = Q()
    for first, last in _runs(sorted(due)):
        ranges |= Q(
            id__gte=first_uuid7_at(first - SLACK), id__lt=first_uuid7_at(last + LENGTH + SLACK)
        )
    return ranges


def _runs(ordered: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that follow each other as one range."""
    first = last = ordered[0]
    for began_at in ordered[1:]:
        if began_at - last > LENGTH:
            yield first, last
            first = began_at
        last = began_at
    yield first, last


def counts(grouped: Any) -> Any:
    """The four counts, of what `values()` has grouped attempts that ended by."""
    over = Q(message__converted_at__isnull=False) | Q(message__expires_at__lte=timezone.now())
    return grouped.annotate(
        calls=Count("id"),
        successes=Count("id", filter=SUCCESS),
        codes=Count("id", filter=WITH_CODE & over),
        typed=Count("id", filter=TYPED),
    )


def _delivered(attempts: QuerySet[SmsAttempt]) -> QuerySet[SmsAttempt]:
    came = attempts.filter(progress=Progress.DELIVERED, message__delivered_at__gte=F("started_at"))
    return came.annotate(took=F("message__delivered_at") - F("started_at"))


def _in_buckets(attempts: QuerySet[SmsAttempt], bucket: Case) -> Iterable[dict[str, Any]]:
    buckets: Any = attempts.values("provider_id", minute=_MINUTE, bucket=bucket)
    return buckets.annotate(n=Count("id"))  # type: ignore[no-any-return]


def _bucket(name: str, unit: Callable[[int], object]) -> Case:
    whens = [
        When(Q((f"{name}__lte", unit(edge))), then=Value(n)) for n, edge in enumerate(EDGES_MS)
    ]
    return Case(*whens, default=Value(len(EDGES_MS) - 1), output_field=IntegerField())


# Of an ambiguous call it is the time of waiting in vain, which belongs here as well.
_ANSWERS = _bucket("duration_ms", int)
_ARRIVALS = _bucket("took", lambda edge: timedelta(milliseconds=edge))


def _write(found: Mapping[_Key, _Numbers], keys: Iterable[_Key], now: datetime) -> None:
    """Zeros as well: that nothing was sent is known then, and not that nobody counted."""
    rows = []
    for pk, began_at in keys:
        numbers = found.get((pk, began_at)) or _Numbers()
        rows.append(
            ProviderTally(
                provider_id=pk,
                began_at=began_at,
                counted_at=now,
                **{name: numbers.counts[name] for name in COUNTS},
                answers=dict(numbers.answers),
                arrivals=dict(numbers.arrivals),
            )
        )
    ProviderTally.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["provider", "began_at"],
        update_fields=["counted_at", *COUNTS, "answers", "arrivals"],
    )
