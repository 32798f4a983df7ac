"""Codes that went out in the past: rows as sending leaves them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.vocabulary import Decision, MessageState


def a_code(
    number: str,
    *,
    ago: timedelta = timedelta(minutes=10),
    lives: timedelta = timedelta(minutes=5),
    typed: bool = False,
    state: MessageState = MessageState.SENT,
    **fields: Any,
) -> SmsMessage:
    """By default sent ten minutes ago, and abandoned."""
    at = timezone.now() - ago
    left = state not in {MessageState.FAILED, MessageState.EXPIRED, MessageState.QUEUED}
    return SmsMessage.objects.create(
        **{
            "number": number,
            "country": "FR",
            "purpose": "sign_in",
            "reference": str(uuid4()),
            "state": state,
            "created_at": at,
            "expires_at": at + lives,
            "next_attempt_at": None,
            "accepted_at": at if left else None,
            "finished_at": at + lives,
            "converted_at": at if typed else None,
            **fields,
        }
    )


def codes(
    count: int, prefix: str = "+3361234", *, typed: int = 0, **fields: Any
) -> list[SmsMessage]:
    """To as many numbers of the prefix; the last `typed` of them were typed."""
    return [
        a_code(f"{prefix}{index:04}", typed=index >= count - typed, **fields)
        for index in range(count)
    ]


def priced(message: SmsMessage, price: str | None, currency: str = "USD") -> SmsAttempt:
    return SmsAttempt.objects.create(
        message=message,
        number=message.attempts.count() + 1,
        started_at=message.created_at,
        decision=Decision.DONE,
        price=None if price is None else Decimal(price),
        currency=currency if price else "",
    )
