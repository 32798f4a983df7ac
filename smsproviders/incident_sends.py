"""Sends as incidents are found by: what each of the last minutes says for or against its route.

A send is one message by one provider, however often that was called. What is the fault of one
number (a landline, an opt-out) says nothing, nor does a test.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, FloatField, Func, Q, QuerySet
from django.db.models.functions import Coalesce

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import IncidentKind, SmsMessage
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress

YOUNG, LOOKED_BACK = timedelta(minutes=10), timedelta(minutes=30)
# Of each of the two spans the newest rows at most, whatever the traffic: enough to find something
# by, and enough to count what was found.
TO_FIND, TO_COUNT = 5_000, 20_000
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
    """A message with one of its calls, or with none. What its moments say is asked of the database:
    to read a moment takes as long as all the rest."""

    pk: UUID
    country: str
    number: str
    reference: str
    message_cause: str
    call: int | None
    provider_id: UUID | None
    decision: str | None
    progress: str | None
    cause: str | None
    error_code: str | None
    seconds: float
    is_settled: bool | None
    arrived: bool
    typed: bool
    is_dead: bool
    is_over: bool
    is_overdue: bool


_COLUMNS = (
    "pk",
    "country",
    "number",
    "reference",
    "cause",
    "attempts__number",
    "attempts__provider_id",
    "attempts__decision",
    "attempts__progress",
    "attempts__cause",
    "attempts__error_code",
)


def recent(now: datetime, *, at_most: int = TO_COUNT) -> Sends:
    """Two queries over ranges of the primary key, in which the time is."""
    middle = now - YOUNG
    young = _read(middle, now + YOUNG, now, at_most)
    ripe = _read(now - LOOKED_BACK, middle, now, at_most)
    complete_since = middle if len(ripe) == at_most else now - LOOKED_BACK
    if len(young) == at_most:
        complete_since = _moment(young[-1])
    sends = (send for rows in (young, ripe) for send in of_rows(rows))
    return Sends(list(sends), complete_since)


def _read(begin: datetime, end: datetime, now: datetime, at_most: int) -> list[Row]:
    messages = SmsMessage.objects.filter(
        id__gte=first_uuid7_at(begin), id__lt=first_uuid7_at(end), only_provider=None
    )
    rows: QuerySet[Any, Any] = messages.order_by("-id", "attempts__number").values_list(
        *_COLUMNS,
        _seconds(),
        is_so(Q(attempts__started_at__lt=now - SETTLED)),
        is_so(Q(delivered_at__isnull=False) | Q(converted_at__isnull=False)),
        is_so(Q(converted_at__isnull=False)),
        is_so(Q(expires_at__lte=now)),
        is_so(Q(finished_at__isnull=False) | Q(created_at__lt=now - WAITS)),
        is_so(Q(finished_at=None, state=MessageState.QUEUED, next_attempt_at__lt=now - WAITS)),
    )
    return [Row(*row) for row in rows[:at_most]]


def is_so(what: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(what, output_field=BooleanField())


def _seconds() -> Func:
    """Of the call, or of the message that was not called, since 1970."""
    at = Coalesce(F("attempts__started_at"), F("created_at"))
    template = "EXTRACT(EPOCH FROM %(expressions)s)::double precision"
    if connection.vendor != "postgresql":  # SQLite, for development only, keeps moments as text
        template = "(julianday(%(expressions)s) - 2440587.5) * 86400"
    return Func(at, template=template, output_field=FloatField())


def of_rows(rows: Iterable[Row]) -> Iterator[Send]:
    """`rows` of one message follow each other, its calls in their order."""
    for _pk, calls in groupby(rows, key=itemgetter(0)):
        last = {row.provider_id: row for row in calls}
        yield from map(_send, last.values())


def _send(row: Row) -> Send:
    never_called = row.call is None
    cause = row.message_cause if never_called else row.cause or ""
    is_taken = taken(row.decision, row.progress)
    return Send(
        provider_id=row.provider_id,
        country=row.country,
        number=row.number,
        at=_moment(row),
        cause=cause,
        error_code=row.error_code or "",
        failed=_failed(cause, is_taken=is_taken),
        silent=silent(row) if is_taken else None,
        untyped=untyped(row) if is_taken else None,
        stuck=_is_stuck(row),
        is_lost=not row.arrived and row.is_over and speaks(row.message_cause),
    )


def _moment(row: Row) -> datetime:
    return datetime.fromtimestamp(row.seconds, UTC)


def taken(decision: str | None, progress: str | None) -> bool:
    return decision == Decision.DONE and progress not in _LOST


def speaks(cause: str) -> bool:
    """Whether a failure by this cause says something about more than its own number."""
    return bool(cause) and cause not in OF_ONE_NUMBER


def _failed(cause: str, *, is_taken: bool) -> bool | None:
    if is_taken:
        return False
    if not speaks(cause) or cause == Cause.EXPIRED_BEFORE_SENDING:
        return None  # under way, or of its number, or of our queue
    return True


class Outcome(Protocol):
    """What became of a message that was taken."""

    @property
    def reference(self) -> str: ...
    @property
    def arrived(self) -> bool: ...
    @property
    def typed(self) -> bool: ...
    @property
    def is_settled(self) -> bool | None: ...
    @property
    def is_dead(self) -> bool: ...


def silent(row: Outcome) -> bool | None:
    """Taken long enough ago, and nothing came of it: no receipt, no code typed."""
    if row.arrived:
        return False
    return True if row.is_settled else None


def untyped(row: Outcome) -> bool | None:
    """Told once its code is dead; a test or a notice holds none."""
    if row.typed:
        return False
    return True if row.reference and row.is_dead else None


def _is_stuck(row: Row) -> bool:
    """Of all messages: what lies in our own queue though it might go, or died there."""
    if row.message_cause == Cause.EXPIRED_BEFORE_SENDING:
        return True
    return row.is_overdue and not row.is_dead
