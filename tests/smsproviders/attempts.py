"""Attempts as decisions see them, without a database."""

from datetime import timedelta

from django.utils import timezone

from backoffice.common.identifiers import uuid7
from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import Cause, Decision, Progress

A, B, C = uuid7(), uuid7(), uuid7()
PROVIDERS = {"A": A, "B": B, "C": C}
NOW = timezone.now()
EXPIRES = NOW + timedelta(seconds=300)

DOWN = f"{Decision.NEXT}:{Cause.PROVIDER_DOWN}"
REFUSED = f"{Decision.NEXT}:{Cause.CREDENTIALS_REJECTED}"
AMBIGUOUS = f"{Decision.AMBIGUOUS}:{Cause.PROVIDER_DOWN}"
BUSY = f"{Decision.RETRY}:{Cause.RATE_LIMITED_BY_PROVIDER}"
STOP = f"{Decision.STOP}:{Cause.NUMBER_INVALID}"
PHONE_OFF = f"{Decision.NEXT_ONCE}:{Cause.HANDSET_UNREACHABLE}:{Progress.UNDELIVERED}"
NO_REASON = f"{Decision.NEXT_ONCE}:{Cause.UNEXPLAINED}:{Progress.FAILED}"
TAKEN = f"{Decision.DONE}::{Progress.ACCEPTED}"
SENT = f"{Decision.DONE}::{Progress.SENT}"
DELIVERED = f"{Decision.DONE}::{Progress.DELIVERED}"
RUNNING = ""


def attempts(*tries: tuple[str, str], began_seconds_ago: float = 1) -> list[SmsAttempt]:
    """`("A", BUSY)`: the provider, and what came of it."""
    return [
        _attempt(number, provider, outcome, began_seconds_ago)
        for number, (provider, outcome) in enumerate(tries, start=1)
    ]


def _attempt(number: int, provider: str, outcome: str, seconds_ago: float) -> SmsAttempt:
    decision, cause, progress = (*outcome.split(":"), "", "")[:3]
    return SmsAttempt(
        number=number,
        provider_id=PROVIDERS[provider],
        decision=decision,
        cause=cause,
        progress=progress,
        started_at=NOW - timedelta(seconds=seconds_ago),
    )
