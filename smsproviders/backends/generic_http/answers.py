"""A gateway's answer as a result, without what must not be kept: text, number, credential."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, quote_plus

from smsproviders.backends.bounded_http import Answer
from smsproviders.backends.generic_http import errors
from smsproviders.backends.generic_http.paths import JsonPath
from smsproviders.backends.generic_http.recipe import Answers
from smsproviders.backends.redaction import redacted
from smsproviders.contract import OutgoingSms, SendResult
from smsproviders.vocabulary import Verdict

LONGEST_ID = 80
# What `SmsAttempt.price` and a provider's balance hold.
HIGHEST_PRICE, HIGHEST_BALANCE = 10**5, 10**9


def result_of(answer: Answer, told: Answers, *, sms: OutgoingSms, secret: str) -> SendResult:
    document = document_of(answer.text)
    code = errors.code_in(told.error_code.text_in(document)) if told.error_code else ""
    if _is_taken(answer.status, told, document, code):
        return _taken(answer.status, told, document, sms)
    found, verdict = _refusal(answer.status, told, document, code)
    private = _private(sms.body, sms.to, secret)
    kept = {"http_status": answer.status, "code": redacted(code, private=private)}
    kept["message"] = redacted(answer.text, private=private)
    return SendResult(verdict, error_code=found, answer=kept)


def without_answer(code: str, *, reason: str = "") -> SendResult:
    return SendResult(
        errors.ERRORS[code], error_code=code, answer={"reason": reason} if reason else {}
    )


def document_of(text: str) -> Any:
    """What the JSON holds; None where it is none: a gateway may answer in words."""
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def amount_at(path: JsonPath | None, document: Any, *, below: int) -> Decimal | None:
    """The amount that stands there as a number or a text; None where it is none, or absurd."""
    text = path.text_in(document) if path else ""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < below else None


def _is_taken(status: int, told: Answers, document: Any, code: str) -> bool:
    if status not in told.statuses:
        return False
    if told.condition is not None:
        return told.condition.holds(document)
    return errors.folded(code) not in told.errors


def _taken(status: int, told: Answers, document: Any, sms: OutgoingSms) -> SendResult:
    """A success without the id that it should hold is none: nothing could be told about it."""
    own = str(sms.attempt_id)
    message_id = told.message_id.text_in(document)[:LONGEST_ID] if told.message_id else own
    if not message_id:
        return without_answer(errors.UNUSABLE_ANSWER, reason="no message id")
    price = amount_at(told.price, document, below=HIGHEST_PRICE)
    return SendResult(
        errors.ACCEPTED,
        provider_message_id=message_id,
        answer={"http_status": status},
        segments=_segments(told.segments, document),
        price=abs(price) if price is not None else None,
        currency=told.currency if price is not None else "",
    )


def _refusal(status: int, told: Answers, document: Any, code: str) -> tuple[str, Verdict]:
    """Where the condition of success does not hold, what stands there instead is a code too."""
    if not code and told.condition is not None and status in told.statuses:
        code = errors.code_in(told.condition.path.text_in(document))
    return errors.of_refusal(status=status, code=code, by_code=told.errors)


def _segments(path: JsonPath | None, document: Any) -> int | None:
    count = path.text_in(document) if path else ""
    return int(count) if count.isascii() and count.isdecimal() and 0 < int(count) < 100 else None


def _private(*texts: str) -> list[str]:
    """As they are, and as they stand in an address or in JSON that a gateway quotes."""
    ways = (str, quote, quote_plus, _in_json)
    return [way(text) for text in texts for way in ways]


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _refuse(constant: str) -> None:
    raise ValueError(constant)
