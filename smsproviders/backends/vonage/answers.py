"""Vonage's answers as results, without what must not be kept: text, number, credential."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from smsproviders.backends.bounded_http import Answer
from smsproviders.backends.redaction import printable, redacted
from smsproviders.backends.vonage import errors
from smsproviders.backends.vonage.send_statuses import PARTLY_TAKEN, STATUSES, UNUSABLE_ANSWER
from smsproviders.contract import SendResult

OK = "0"
# The API names no currency: accounts are held in euros.
CURRENCY = "EUR"
LARGEST_PRICE = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Part:
    """One SMS of a message: a long text is several, each taken or refused by itself."""

    status: str
    message_id: str
    price: Decimal | None
    network: str
    reason: str  # may quote number and text

    @property
    def is_taken(self) -> bool:
        return self.status == OK


def of_answer(answer: Answer, *, private: Sequence[str]) -> SendResult:
    """`private`: what the kept answer must not hold."""
    told = read(answer.text)
    if not 200 <= answer.status < 300:
        return _of_http(answer.status, told, private=private)
    parts = _parts(told)
    taken = [part for part in parts if part.is_taken]
    if not parts or not all(part.message_id for part in taken):
        return without_answer(UNUSABLE_ANSWER)
    if not taken:
        return _of_refusal(parts[0], private=private)
    if len(taken) < len(parts):
        return _of_a_part(parts, private=private)
    return _of_success(parts)


def without_answer(code: str, *, reason: str = "") -> SendResult:
    return SendResult(STATUSES[code], error_code=code, answer={"reason": reason} if reason else {})


def read(text: str) -> Mapping[str, Any]:
    """The JSON object in an answer; empty when it is none."""
    try:
        told = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def amount(value: object, *, below: Decimal) -> Decimal | None:
    """A sum of money; None when it is no number, or one that nobody would pay."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < below else None


def problem(told: Mapping[str, Any]) -> str:
    """The last part of a problem's type: ".../api-errors#unauthorized"."""
    return str(told.get("type") or "").rpartition("#")[2]


def _of_success(parts: Sequence[Part]) -> SendResult:
    """Known by the id of its first part, which holds the code."""
    prices = [part.price for part in parts if part.price is not None]
    known = len(prices) == len(parts)
    return SendResult(
        verdict=errors.ACCEPTED,
        provider_message_id=parts[0].message_id,
        answer={
            "status": OK,
            "message-ids": [part.message_id for part in parts],
            "network": parts[0].network,
        },
        segments=len(parts),
        price=sum(prices, Decimal(0)) if known else None,
        currency=CURRENCY if known else "",
    )


def _of_refusal(part: Part, *, private: Sequence[str]) -> SendResult:
    reason = redacted(part.reason, private=private)
    return SendResult(
        verdict=errors.of_status(part.status),
        error_code=part.status,
        answer={"status": part.status, "error-text": reason, "network": part.network},
    )


def _of_a_part(parts: Sequence[Part], *, private: Sequence[str]) -> SendResult:
    """Without an id: a receipt for the part that was taken does not make the message whole."""
    reason = next(part.reason for part in parts if not part.is_taken)
    return SendResult(
        verdict=STATUSES[PARTLY_TAKEN],
        error_code=PARTLY_TAKEN,
        answer={
            "statuses": [part.status for part in parts],
            "error-text": redacted(reason, private=private),
        },
    )


def _of_http(status: int, told: Mapping[str, Any], *, private: Sequence[str]) -> SendResult:
    code, verdict = errors.of_http(status, problem=problem(told))
    reason = str(told.get("detail") or told.get("title") or "")
    return SendResult(
        verdict=verdict,
        error_code=code,
        answer={"http_status": status, "error-text": redacted(reason, private=private)},
    )


def _parts(told: Mapping[str, Any]) -> list[Part]:
    """Empty when one of them cannot be understood."""
    messages = told.get("messages")
    if not isinstance(messages, list) or not all(_is_part(one) for one in messages):
        return []
    return [
        Part(
            status=str(one["status"]),
            message_id=printable(str(one.get("message-id") or ""))[:80],
            price=amount(one.get("message-price"), below=LARGEST_PRICE),
            network=printable(str(one.get("network") or ""))[:10],
            reason=str(one.get("error-text") or ""),
        )
        for one in messages
    ]


def _is_part(one: object) -> bool:
    status = str(one.get("status")) if isinstance(one, dict) else ""
    return status.isdecimal() and len(status) <= 4
