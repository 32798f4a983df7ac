"""What a public reference stands for: whose trouble it was, and when it was at its latest.

Where a code was accepted in the end, that is when the last one before was not.
A client reads the reference out; the operator then sees the diagnosis as of that moment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import SmsMessage
from twofa import log_actions
from twofa.models import Challenge, CodeAttempt, SendRequest
from twofa.references import ALPHABET, GROUP
from twofa.vocabulary import CodeOutcome, SendOutcome

SYMBOLS = 8
# A reference that stands for no challenge is looked for in the log so far back.
KEPT = timedelta(hours=48)
# What went wrong within a sign-in belongs to the reference that was shown at its beginning.
SIGN_IN = timedelta(minutes=10)
# What is as young as this goes on: it is diagnosed as of now.
GOES_ON = timedelta(minutes=2)
JUST_BEFORE = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """`user_id` None: a sign-in with an e-mail that nobody has."""

    reference: str
    user_id: UUID | None
    at: datetime

    @property
    def is_over(self) -> bool:
        return timezone.now() - self.at > GOES_ON


def of(typed: str) -> Moment | None:
    """Typed with or without the dash, in capitals or not; at most four queries."""
    reference = as_written(typed)
    if not reference:
        return None
    return _of_challenge(reference) or _of_event(reference)


def as_written(typed: str) -> str:
    """`ABCD-EFGH`, or "" for what cannot be a reference."""
    word = typed.replace("-", "").strip().upper()
    if len(word) != SYMBOLS or not set(word) <= set(ALPHABET):
        return ""
    return f"{word[:GROUP]}-{word[GROUP:]}"


def _of_challenge(reference: str) -> Moment | None:
    row = (
        Challenge.objects.filter(public_reference=reference)
        .annotate(
            failed_at=_latest(_tries().exclude(outcome=CodeOutcome.ACCEPTED)),
            tried_at=_latest(_tries()),
            asked_at=_latest(SendRequest.objects.filter(challenge=OuterRef("pk"))),
        )
        .first()
    )
    if row is None:
        return None
    if row.consumed_at and row.failed_at:
        return Moment(reference, row.user_id, row.failed_at)
    seen = [_end_of(row), row.tried_at, row.asked_at, *_of_messages(row)]
    return Moment(reference, row.user_id, max(one for one in seen if one is not None))


def _end_of(row: Challenge) -> datetime:
    """Before the next one was begun, of which the client was given another reference."""
    superseded = row.superseded_at - JUST_BEFORE if row.superseded_at else None
    ends = (row.consumed_at, superseded, row.expires_at, timezone.now())
    return max(row.created_at, min(one for one in ends if one is not None))


def _tries() -> QuerySet[CodeAttempt]:
    return CodeAttempt.objects.filter(challenge=OuterRef("pk"))


def _latest(rows: QuerySet[CodeAttempt] | QuerySet[SendRequest]) -> Subquery:
    return Subquery(rows.order_by("-at").values("at")[:1])


def _of_messages(challenge: Challenge) -> list[datetime | None]:
    """The last of every step that its messages took."""
    columns = ("accepted_at", "sent_at", "delivered_at", "finished_at")
    last = SmsMessage.objects.filter(reference=str(challenge.pk)).aggregate(
        *(Max(column) for column in columns), Max("attempts__reports__received_at")
    )
    return list(last.values())


def _of_event(reference: str) -> Moment | None:
    event = AuditEvent.objects.filter(
        action=log_actions.REFERENCE_GIVEN.key,
        id__gte=first_uuid7_at(timezone.now() - KEPT),
        facts__reference=reference,
    ).first()
    if event is None:
        return None
    user_id = log_actions.user_of(event.subject)
    at = _last_failure(user_id, event.at) if user_id else event.at
    return Moment(reference, user_id, at)


def _last_failure(user_id: UUID, begin: datetime) -> datetime:
    span = (begin, begin + SIGN_IN)
    tries = CodeAttempt.objects.filter(user=user_id, at__range=span)
    sends = SendRequest.objects.filter(user=user_id, at__range=span)
    failed = [
        tries.exclude(outcome=CodeOutcome.ACCEPTED).aggregate(last=Max("at"))["last"],
        sends.exclude(outcome=SendOutcome.QUEUED).aggregate(last=Max("at"))["last"],
    ]
    last: datetime = max([begin, *(one for one in failed if one is not None)])
    return last
