"""Messages as they lie in the tables after months."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import getrandbits
from typing import Any
from uuid import UUID

from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage
from smsproviders.vocabulary import Decision, MessageState, Progress
from tests.smsproviders.outgoing import PHONE

ANSWER = {"status": "queued"}
PAYLOAD = {"MessageStatus": "delivered"}


def id_of(moment: datetime) -> UUID:
    """A key as a row of that moment has it."""
    return UUID(int=first_uuid7_at(moment).int | getrandbits(61))


def message(*, days: float, finished: bool = True, **changes: Any) -> SmsMessage:
    """Asked for so many days ago, and delivered unless it is not `finished`."""
    asked = timezone.now() - timedelta(days=days)
    state = MessageState.DELIVERED if finished else MessageState.SENDING
    fields = {
        "id": id_of(asked),
        "number": PHONE,
        "purpose": "sign_in",
        "reference": "challenge-1",
        "created_at": asked,
        "expires_at": asked + timedelta(minutes=5),
        "state": state,
        "next_attempt_at": None,
        "finished_at": asked if finished else None,
    }
    return SmsMessage.objects.create(**{**fields, **changes})


def attempt(of: SmsMessage, answer: Mapping[str, str] = ANSWER, **changes: Any) -> SmsAttempt:
    fields = {
        "id": id_of(of.created_at),
        "message": of,
        "provider_caption": "Twilio",
        "number": of.attempts.count() + 1,
        "started_at": of.created_at,
        "decision": Decision.DONE,
        "progress": Progress.DELIVERED,
        "answer": dict(answer),
    }
    return SmsAttempt.objects.create(**{**fields, **changes})


def report(of: SmsAttempt, status: str = "delivered") -> DeliveryReport:
    return DeliveryReport.objects.create(
        id=id_of(of.started_at),
        attempt=of,
        received_at=of.started_at,
        raw_status=status,
        progress=Progress.DELIVERED,
        payload=PAYLOAD,
    )


def with_history(*, days: float, **changes: Any) -> SmsMessage:
    """A message with one attempt and one report."""
    old = message(days=days, **changes)
    report(attempt(old))
    return old
