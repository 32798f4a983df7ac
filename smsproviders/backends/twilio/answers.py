"""Twilio's answers as results, without what must not be kept: text, number, credential."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from smsproviders.backends.redaction import redacted
from smsproviders.backends.twilio import errors
from smsproviders.contract import OutgoingSms, SendResult

if TYPE_CHECKING:
    from twilio.rest.api.v2010.account.message import MessageInstance


class Refused(Exception):
    """Twilio, or something in front of it, answered with an error. `code` is "" without one."""

    def __init__(self, *, status: int, code: str, message: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code
        self.message = message  # may quote number and text


def of_success(message: "MessageInstance") -> SendResult:
    """A success without an id is none: nothing could ever be asked or told about it."""
    if not isinstance(message.sid, str) or not message.sid:
        return without_answer(errors.UNUSABLE_ANSWER)
    return SendResult(
        verdict=errors.ACCEPTED,
        provider_message_id=message.sid[:80],
        answer={"status": message.status, "sid": message.sid},
        segments=segments(message),
        price=price(message),
        currency=str(message.price_unit or "")[:3],
    )


def of_refusal(refusal: Refused, *, sms: OutgoingSms, credentials: Mapping[str, Any]) -> SendResult:
    code, verdict = errors.of_refusal(status=refusal.status, code=refusal.code)
    private = [sms.body, sms.to, *map(str, credentials.values())]
    return SendResult(
        verdict=verdict,
        error_code=code,
        answer={
            "http_status": refusal.status,
            "code": refusal.code,
            "message": redacted(refusal.message, private=private),
        },
    )


def without_answer(code: str, *, reason: str = "") -> SendResult:
    return SendResult(
        verdict=errors.ERRORS[code], error_code=code, answer={"reason": reason} if reason else {}
    )


def segments(message: "MessageInstance") -> int | None:
    """Twilio answers with text, "0" until a Messaging Service has chosen the sender."""
    count = str(message.num_segments or "")
    return int(count) if count.isdecimal() and 0 < int(count) < 100 else None


def price(message: "MessageInstance") -> Decimal | None:
    """What it cost, as a positive amount; Twilio writes a charge as a negative one."""
    try:
        return abs(Decimal(str(message.price))) if message.price else None
    except InvalidOperation:
        return None
