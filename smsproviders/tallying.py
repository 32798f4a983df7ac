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

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
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
AT_ONCE = 30

LOST = Q(progress__in=[Progress.UNDELIVERED, Progress.FAILED])
SUCCESS = Q(decision=Decision.DONE) & ~LOST
# A lost one was taken: only what was taken is reported about. Its decision is the report's.
TAKEN = Q(decision=Decision.DONE) | LOST
# What can be marked as converted is known by a reference.
WITH_CODE = TAKEN & ~Q(message__reference="")
TYPED = SUCCESS & Q(message__converted_at__isnull=False)
COUNTED = ["counted_at", "calls", "successes", "codes", "typed", "answers", "arrivals"]


def count_due() -> int:
    """Count what is missing or stale, the newest first; how many spans of time were counted."""
    now = timezone.now()
    providers = list(SmsProvider.objects.order_by("pk").values_list("pk", flat=True))
    counted = _counted_at(now)
    due = [
        began_at
        for began_at in reversed(spans(now - DAY, now))
        if _is_due(began_at, [counted[began_at].get(pk) for pk in providers], now)
    ]
    for began_at in due[:AT_ONCE]:
        _count(began_at, providers)
    ProviderTally.objects.filter(began_at__lt=now - KEPT).delete()
    return len(due[:AT_ONCE])


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


def _is_due(began_at: datetime, counted_at: Iterable[datetime | None], now: datetime) -> bool:
    patience = max(timedelta(0), now - (began_at + LENGTH)) / PATIENCE
    return any(moment is None or now - moment > patience for moment in counted_at)


def _count(began_at: datetime, providers: Iterable[UUID]) -> None:
    """Three queries over a range of the primary key."""
    now = timezone.now()
    attempts = SmsAttempt.objects.filter(
        id__gte=first_uuid7_at(began_at), id__lt=first_uuid7_at(began_at + LENGTH)
    ).exclude(decision="")
    counts = {row["provider_id"]: row for row in _counts(attempts, now)}
    answers = _histograms(_answers(attempts))
    arrivals = _histograms(_arrivals(attempts))
    nothing = {"calls": 0, "successes": 0, "codes": 0, "typed": 0}
    ProviderTally.objects.bulk_create(
        [
            ProviderTally(
                **{"provider_id": pk, **nothing, **counts.get(pk, {})},
                began_at=began_at,
                counted_at=now,
                answers=answers[pk],
                arrivals=arrivals[pk],
            )
            for pk in providers
        ],
        update_conflicts=True,
        unique_fields=["provider", "began_at"],
        update_fields=COUNTED,
    )


def _counts(attempts: QuerySet[SmsAttempt], now: datetime) -> Iterable[dict[str, Any]]:
    over = Q(message__converted_at__isnull=False) | Q(message__expires_at__lte=now)
    return attempts.values("provider_id").annotate(
        calls=Count("id"),
        successes=Count("id", filter=SUCCESS),
        codes=Count("id", filter=WITH_CODE & over),
        typed=Count("id", filter=TYPED),
    )


def _answers(attempts: QuerySet[SmsAttempt]) -> QuerySet[SmsAttempt, dict[str, Any]]:
    """Of an ambiguous call it is the time of waiting in vain, which belongs here as well."""
    measured = attempts.filter(duration_ms__gt=0)
    buckets = [When(duration_ms__lte=edge, then=Value(n)) for n, edge in enumerate(EDGES_MS)]
    return _in_buckets(measured, buckets)


def _arrivals(attempts: QuerySet[SmsAttempt]) -> QuerySet[SmsAttempt, dict[str, Any]]:
    delivered = attempts.filter(
        progress=Progress.DELIVERED, message__delivered_at__gte=F("started_at")
    ).annotate(took=F("message__delivered_at") - F("started_at"))
    buckets = [
        When(took__lte=timedelta(milliseconds=edge), then=Value(n))
        for n, edge in enumerate(EDGES_MS)
    ]
    return _in_buckets(delivered, buckets)


def _in_buckets(
    attempts: QuerySet[SmsAttempt], buckets: list[When]
) -> QuerySet[SmsAttempt, dict[str, Any]]:
    last = Value(len(EDGES_MS) - 1)
    bucket = Case(*buckets, default=last, output_field=models.IntegerField())
    return attempts.annotate(bucket=bucket).values("provider_id", "bucket").annotate(n=Count("id"))


def _histograms(rows: Iterable[dict[str, Any]]) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["provider_id"]][str(row["bucket"])] = row["n"]
    return found
