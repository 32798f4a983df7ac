"""Counting codes, ten minutes at a time, into the rows that the dashboard is added up from.

As `smsproviders.tallying` does it for providers: counted from the rows themselves and written over,
so counting twice, late, or by two beats at once does no harm; the older, the more seldom.

- *Asked*: codes by SMS that were asked for; one that is sent again is one code. *Taken*: a provider
  took it at least once. *Delivered*: a receipt says so. *Typed*: it was right and in time.
- *Until taken*: since it was asked for. *Until delivered*: since it was taken. *Until typed*: since
  it was delivered, where there is a receipt.
- *Refused*: requests for a code by SMS that were refused, by reason.
- *Causes*: messages that did not arrive, by cause, as the list of messages has them.
- *Tries*: what was typed, by factor and outcome.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMinute
from django.utils import timezone

from smsproviders.latencies import bucket_of
from smsproviders.models import SmsMessage
from smsproviders.tallying import DAY, began, is_due, spans, within
from twofa.models import Challenge, CodeAttempt, CodeTally, SendRequest
from twofa.vocabulary import FactorKind, SendOutcome

# Of a day that nobody counted; the next run goes on.
AT_ONCE = 12
TOGETHER = 1_000
NUMBERS = ("asked", "taken", "delivered", "typed")
TIMES = ("until_taken", "until_delivered", "until_typed")
BY_KIND = ("refused", "causes", "tries")
A_MILLISECOND = timedelta(milliseconds=1)


def count_due() -> int:
    """Count what is missing or stale, the newest first; how many spans of time were counted."""
    now = timezone.now()
    kept = CodeTally.objects.filter(began_at__gte=began(now - DAY))
    counted_at = dict(kept.values_list("began_at", "counted_at"))
    due = [
        began_at
        for began_at in reversed(spans(now - DAY, now))
        if is_due(began_at, [counted_at.get(began_at)], now)
    ][:AT_ONCE]
    if due:
        _write(_counted(due), now)
    return len(due)


@dataclass(slots=True)
class _Counted:
    numbers: Counter[str] = field(default_factory=Counter)
    times: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_kind: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass(frozen=True, slots=True)
class _Code:
    """The way of one code; a moment is None where it did not come so far."""

    asked_at: datetime
    taken_at: datetime | None
    delivered_at: datetime | None
    typed_at: datetime | None


def _counted(due: Sequence[datetime]) -> Mapping[datetime, _Counted]:
    found = {began_at: _Counted() for began_at in due}
    for code in _codes(due):
        if counted := found.get(began(code.asked_at)):
            _count(code, counted)
    # By ranges of the primary key, in which the time is.
    refused = SendRequest.objects.filter(within(due)).exclude(outcome=SendOutcome.QUEUED)
    failed = SmsMessage.objects.filter(within(due), ~Q(cause=""))
    tries = CodeAttempt.objects.filter(within(due))
    for name, rows, moment, *fields in (
        ("refused", refused, "at", "outcome"),
        ("causes", failed, "created_at", "cause"),
        ("tries", tries, "at", "factor", "outcome"),
    ):
        for minute, key, number in _by_minute(rows, moment, fields):
            if counted := found.get(began(minute)):
                counted.by_kind[name][key] += number
    return found


def _by_minute(
    rows: Any, moment: str, fields: Sequence[str]
) -> Iterator[tuple[datetime, str, int]]:
    grouped = rows.order_by().values(*fields, minute=TruncMinute(moment)).annotate(n=Count("pk"))
    for row in grouped:
        yield row["minute"], ":".join(row[name] for name in fields), row["n"]


def _codes(due: Sequence[datetime]) -> Iterator[_Code]:
    """Each with its messages, many at a time."""
    rows = Challenge.objects.filter(within(due), factor=FactorKind.SMS).order_by()
    asked = rows.values_list("pk", "created_at", "consumed_at").iterator(TOGETHER)
    while some := list(islice(asked, TOGETHER)):
        ways = _ways([str(pk) for pk, *_moments in some])
        for pk, asked_at, typed_at in some:
            taken_at, delivered_at = ways.get(str(pk), (None, None))
            yield _Code(asked_at, taken_at, delivered_at, typed_at)


_Moments = tuple[datetime | None, datetime | None]


def _ways(references: Sequence[str]) -> dict[str, _Moments]:
    """When a provider first took the code, and when it first arrived, of those that were taken."""
    taken = SmsMessage.objects.filter(reference__in=references, accepted_at__isnull=False)
    moments: defaultdict[str, list[_Moments]] = defaultdict(list)
    for reference, *both in taken.values_list("reference", "accepted_at", "delivered_at"):
        moments[reference].append((both[0], both[1]))
    return {
        reference: (_first(one[0] for one in ways), _first(one[1] for one in ways))
        for reference, ways in moments.items()
    }


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _count(code: _Code, counted: _Counted) -> None:
    ends = (code.taken_at, code.delivered_at, code.typed_at)
    counted.numbers["asked"] += 1
    counted.numbers.update(
        name for name, end in zip(NUMBERS[1:], ends, strict=True) if end is not None
    )
    for name, start, end in zip(TIMES, (code.asked_at, *ends), ends, strict=False):
        # A receipt that came after the code was typed tells nothing.
        if start is not None and end is not None and end >= start:
            counted.times[name][str(bucket_of((end - start) / A_MILLISECOND))] += 1


def _write(found: Mapping[datetime, _Counted], now: datetime) -> None:
    """Zeros as well: that nothing was asked for is known then, and not that nobody counted."""
    rows = [
        CodeTally(
            began_at=began_at,
            counted_at=now,
            **{name: counted.numbers[name] for name in NUMBERS},
            **{name: dict(counted.times[name]) for name in TIMES},
            **{name: dict(counted.by_kind[name]) for name in BY_KIND},
        )
        for began_at, counted in found.items()
    ]
    CodeTally.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["began_at"],
        update_fields=["counted_at", *NUMBERS, *TIMES, *BY_KIND],
    )
