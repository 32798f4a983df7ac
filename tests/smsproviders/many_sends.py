"""Many messages at once, with their calls, as sending leaves them: for tests of incidents."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress
from tests.smsproviders.old_rows import id_of

LIFE = timedelta(minutes=5)
FRANCE, GERMANY, ITALY = "+3361234", "+4915112", "+3934012"
COUNTRIES = {"+33": "FR", "+49": "DE", "+39": "IT", "+62": "ID", "+1": "US"}
Story = Callable[[SmsMessage, SmsAttempt], None]


def delivered(message: SmsMessage, call: SmsAttempt) -> None:
    """And typed."""
    call.decision, call.progress = Decision.DONE, Progress.DELIVERED
    message.state, message.accepted_at = MessageState.DELIVERED, call.started_at
    message.delivered_at = call.started_at + timedelta(seconds=4)
    message.converted_at = call.started_at + timedelta(seconds=20)
    message.finished_at = message.converted_at


def abandoned(message: SmsMessage, call: SmsAttempt) -> None:
    """Delivered, and not typed."""
    delivered(message, call)
    message.converted_at = None


def silent(message: SmsMessage, call: SmsAttempt) -> None:
    """Taken, and that is the last that was heard of it."""
    call.decision, call.progress = Decision.DONE, Progress.ACCEPTED
    message.state, message.accepted_at = MessageState.ACCEPTED, call.started_at


def typed_without_receipt(message: SmsMessage, call: SmsAttempt) -> None:
    silent(message, call)
    message.converted_at = call.started_at + timedelta(seconds=20)


def failed(message: SmsMessage, call: SmsAttempt, cause: Cause, code: str = "") -> None:
    call.decision, call.cause, call.error_code = Decision.NEXT, cause, code
    message.state, message.cause = MessageState.FAILED, cause
    message.finished_at = call.started_at + timedelta(seconds=5)


down = partial(failed, cause=Cause.PROVIDER_DOWN, code="20500")
congested = partial(failed, cause=Cause.CARRIER_CONGESTED, code="30022")
landline = partial(failed, cause=Cause.LANDLINE, code="30006")
refused = partial(failed, cause=Cause.CREDENTIALS_REJECTED, code="20003")


def rescued(message: SmsMessage, call: SmsAttempt) -> None:
    """The call failed, and another provider did it."""
    down(message, call)
    delivered(message, SmsAttempt(started_at=call.started_at))
    message.cause = ""


@dataclass(slots=True)
class Traffic:
    """Rows to be written together."""

    messages: list[SmsMessage] = field(default_factory=list)
    calls: list[SmsAttempt] = field(default_factory=list)
    numbers: int = 0

    def add(
        self,
        count: int,
        story: Story | None,
        *,
        by: SmsProvider | None = None,
        to: str = FRANCE,
        ago: float = 1,
        over: float = 0,
        **changes: Any,
    ) -> "Traffic":
        """So many sends to as many numbers, `ago` minutes ago, spread over so many up to then.

        Without a story no provider was called.
        """
        for index in range(count):
            self.numbers += 1
            at = timezone.now() - timedelta(minutes=ago + over * (1 - (index + 1) / count))
            number = changes.get("number") or f"{to}{self.numbers:04}"
            self._add(number, story, by, at, changes)
        return self

    def _add(
        self, number: str, story: Story | None, by: Any, at: datetime, changes: dict[str, Any]
    ) -> None:
        message = _message(number, at)
        self.messages.append(message)
        if story is not None:
            call = _call(message, by)
            story(message, call)
            self.calls.append(call)
        for name, value in changes.items():
            setattr(message, name, value)
        if message.finished_at is None and message.expires_at < timezone.now():
            message.finished_at = message.expires_at

    def write(self) -> list[SmsMessage]:
        SmsMessage.objects.bulk_create(self.messages, batch_size=2000)
        SmsAttempt.objects.bulk_create(self.calls, batch_size=2000)
        written, self.messages, self.calls = self.messages, [], []
        return written


def _message(number: str, at: datetime) -> SmsMessage:
    return SmsMessage(
        id=id_of(at),
        number=number,
        country=next((c for start, c in COUNTRIES.items() if number.startswith(start)), ""),
        purpose="sign_in",
        reference=str(uuid4()),
        created_at=at,
        expires_at=at + LIFE,
        next_attempt_at=None,
    )


def _call(message: SmsMessage, by: SmsProvider | None) -> SmsAttempt:
    return SmsAttempt(
        id=id_of(message.created_at),
        message=message,
        provider=by,
        provider_caption=by.caption if by else "",
        country=message.country,
        number=1,
        started_at=message.created_at,
    )
