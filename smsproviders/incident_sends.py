"""Sends as incidents are found by: what each of the last minutes says for or against its route.

A send is one message by one provider, however often that was called. What is the fault of one
number (a landline, an opt-out) says nothing, nor does a test.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import IncidentKind, SmsMessage
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress

YOUNG, LOOKED_BACK = timedelta(minutes=10), timedelta(minutes=30)
# Of each of the two spans the newest rows, whatever the traffic.
SAMPLE = 20_000
# A receipt is there by then, or is missing.
SETTLED = timedelta(minutes=2)
# Longer is not how sending works.
WAITS = timedelta(seconds=30)
OF_ONE_NUMBER = frozenset(
    {
        Cause.NUMBER_INVALID,
        Cause.LANDLINE,
        Cause.NUMBER_UNKNOWN,
        Cause.HANDSET_UNREACHABLE,
        Cause.OPTED_OUT,
    }
)
_LOST = frozenset({Progress.UNDELIVERED, Progress.FAILED})


@dataclass(frozen=True, slots=True)
class Send:
    """Each verdict: whether it went wrong; None where this send says nothing about that.

    `is_lost`: no provider brought the message to its phone, as far as we know.
    """

    provider_id: UUID | None
    country: str
    number: str
    at: datetime
    cause: str = ""
    error_code: str = ""
    failed: bool | None = None
    silent: bool | None = None
    untyped: bool | None = None
    stuck: bool | None = None
    is_lost: bool = False

    def went_wrong(self, kind: IncidentKind) -> bool | None:
        match kind:
            case IncidentKind.FAILURES:
                return self.failed
            case IncidentKind.RECEIPTS:
                return self.silent
            case IncidentKind.CONVERSION:
                return self.untyped
            case IncidentKind.QUEUE:
                return self.stuck

    def is_hit(self, kind: IncidentKind) -> bool:
        """Whether its person is without a code by what this kind is about."""
        return self.is_lost if kind == IncidentKind.FAILURES else bool(self.went_wrong(kind))


@dataclass(frozen=True, slots=True)
class Sends:
    """Those of the last half hour; all of them since `complete_since`, of before that a sample."""

    rows: list[Send]
    complete_since: datetime


class Row(NamedTuple):
    """A message with one of its calls, or with none."""

    pk: UUID
    country: str
    number: str
    reference: str
    state: str
    message_cause: str
    created_at: datetime
    expires_at: datetime
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    converted_at: datetime | None
    finished_at: datetime | None
    call: int | None
    provider_id: UUID | None
    started_at: datetime | None
    decision: str | None
    progress: str | None
    cause: str | None
    error_code: str | None


_COLUMNS = (
    "pk",
    "country",
    "number",
    "reference",
    "state",
    "cause",
    "created_at",
    "expires_at",
    "next_attempt_at",
    "delivered_at",
    "converted_at",
    "finished_at",
    "attempts__number",
    "attempts__provider_id",
    "attempts__started_at",
    "attempts__decision",
    "attempts__progress",
    "attempts__cause",
    "attempts__error_code",
)


def recent(now: datetime) -> Sends:
    """Two queries over ranges of the primary key, in which the time is."""
    middle = now - YOUNG
    young = _read(middle, now + YOUNG)
    ripe = _read(now - LOOKED_BACK, middle)
    complete_since = middle if len(ripe) == SAMPLE else now - LOOKED_BACK
    if len(young) == SAMPLE:
        complete_since = young[-1].created_at
    sends = (send for rows in (young, ripe) for send in of_rows(rows, now))
    return Sends(list(sends), complete_since)


def _read(begin: datetime, end: datetime) -> list[Row]:
    messages = SmsMessage.objects.filter(
        id__gte=first_uuid7_at(begin), id__lt=first_uuid7_at(end), only_provider=None
    )
    rows: QuerySet[Any, Any] = messages.order_by("-id", "attempts__number").values_list(*_COLUMNS)
    return [Row(*row) for row in rows[:SAMPLE]]


def of_rows(rows: Iterable[Row], now: datetime) -> Iterator[Send]:
    """`rows` of one message follow each other, its calls in their order."""
    for _pk, calls in groupby(rows, key=lambda row: row.pk):
        last: dict[UUID | None, Row] = {}
        for row in calls:
            last[row.provider_id] = row
        for row in last.values():
            yield _send(row, now, calls=len(last))


def _send(row: Row, now: datetime, *, calls: int) -> Send:
    never_called = row.call is None
    cause = row.message_cause if never_called else row.cause or ""
    is_taken = taken(row.decision, row.progress)
    return Send(
        provider_id=row.provider_id,
        country=row.country,
        number=row.number,
        at=row.started_at or row.created_at,
        cause=cause,
        error_code=row.error_code or "",
        failed=_failed(row, cause, is_taken),
        silent=silent(row, row.started_at, now) if is_taken else None,
        untyped=untyped(row, now) if is_taken else None,
        stuck=_stuck(row, now),
        is_lost=_is_lost(row, now),
    )


def taken(decision: str | None, progress: str | None) -> bool:
    return decision == Decision.DONE and progress not in _LOST


def speaks(cause: str) -> bool:
    """Whether a failure by this cause says something about more than its own number."""
    return bool(cause) and cause not in OF_ONE_NUMBER


def _failed(row: Row, cause: str, is_taken: bool) -> bool | None:
    if is_taken:
        return False
    if not speaks(cause) or cause == Cause.EXPIRED_BEFORE_SENDING:
        return None  # under way, or of its number, or of our queue
    return True


def silent(row: Any, started_at: datetime | None, now: datetime) -> bool | None:
    """Taken long enough ago, and nothing came of it: no receipt, no code typed."""
    if row.delivered_at or row.converted_at:
        return False
    return True if started_at and now - started_at > SETTLED else None


def untyped(row: Any, now: datetime) -> bool | None:
    """Told once its code is dead; a test or a notice holds none."""
    if row.converted_at:
        return False
    return True if row.reference and row.expires_at <= now else None


def _stuck(row: Row, now: datetime) -> bool | None:
    """Of all messages: what lies in our own queue though it might go, or died there."""
    if row.message_cause == Cause.EXPIRED_BEFORE_SENDING:
        return True
    if row.finished_at is None and row.expires_at > now:
        due = row.next_attempt_at
        return due is not None and now - due > WAITS and row.state == MessageState.QUEUED
    return False


def _is_lost(row: Row, now: datetime) -> bool:
    if row.delivered_at or row.converted_at or not speaks(row.message_cause):
        return False
    return row.finished_at is not None or now - row.created_at > WAITS
