"""Delivery reports of a gateway: proved by a secret that only it and we know.

Nothing of the address is under that proof: what a report says is read from its body alone, so that
no signed body can be turned on another message by a changed `?attempt=`.
"""

import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import HttpRequest

from smsproviders.backends.generic_http import errors
from smsproviders.backends.generic_http.answers import LONGEST_ID, document_of
from smsproviders.backends.generic_http.paths import JsonPath
from smsproviders.backends.generic_http.recipe import Proof, Reports
from smsproviders.backends.generic_http.statuses import LONGEST_WORD, folded
from smsproviders.contract import Report, ReportMalformed, ReportRefused
from smsproviders.vocabulary import Progress, Verdict

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
MOST_REPORTS = 500  # in one request

# What stands at a path of one report, as text.
Reader = Callable[[JsonPath], str]


def authenticate(request: HttpRequest, told: Reports) -> None:
    """Raise ReportRefused unless it holds the proof that the settings ask for.

    A proof holds no time, so it can be replayed: that must change nothing, and does not.
    """
    given = _bare(request.headers.get(told.header, ""), told.proof)
    rights = [_right(told.proof, secret, request.body) for secret in told.secrets]
    # A list: each is compared, so that the time does not tell which one is in use.
    if not any([hmac.compare_digest(right, given) for right in rights]):  # noqa: C419
        raise ReportRefused


def parse(request: HttpRequest, told: Reports, *, by_code: errors.ErrorMap) -> list[Report]:
    """Those that can be read; ReportMalformed when that is none of them."""
    read = [_report(reader, told, by_code) for reader in _readers(request, told)]
    found = [report for report in read if report is not None]
    if not found:
        raise ReportMalformed
    return found


def _right(proof: Proof, secret: str, body: bytes) -> bytes:
    if proof is Proof.TOKEN:
        return secret.encode()
    return hmac.new(secret.encode(), body, "sha256").hexdigest().encode()


def _bare(given: str, proof: Proof) -> bytes:
    """Without the word that some put before it; the word chooses nothing."""
    if proof is Proof.TOKEN:
        scheme, _blank, token = given.strip().partition(" ")
        return (token.strip() if scheme.lower() == "bearer" else given.strip()).encode()
    return given.strip().lower().removeprefix("sha256=").encode()


def _readers(request: HttpRequest, told: Reports) -> list[Reader]:
    if request.content_type == FORM:
        form = _form(request.body)
        return [lambda path: path.field_in(form)]
    document = document_of(request.body.decode("utf-8", errors="replace"))
    listed = told.listed_at.find(document) if told.listed_at else document
    reports = listed if isinstance(listed, list) else [listed]
    return [_reader_of(one) for one in reports[:MOST_REPORTS]]


def _reader_of(document: Any) -> Reader:
    return lambda path: path.text_in(document)


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError:
        raise ReportMalformed from None


def _report(read: Reader, told: Reports, by_code: errors.ErrorMap) -> Report | None:
    message_id, status = read(told.message_id), read(told.status)
    if not message_id or not status or len(message_id) > LONGEST_ID:
        return None
    code = errors.code_in(read(told.error_code)) if told.error_code else ""
    progress = told.statuses.get(folded(status))
    attempt_id = _attempt_id(read, told, message_id)
    if told.ids_are_ours and attempt_id is not None:
        message_id = str(attempt_id)
    return Report(
        provider_message_id=message_id,
        progress=progress,
        raw_status=status[:LONGEST_WORD],
        error_code=code[: errors.KEPT_LENGTH],
        attempt_id=attempt_id,
        verdict=_verdict(progress, code, by_code),
        payload={"status": status[:LONGEST_WORD], "error": code},
    )


def _attempt_id(read: Reader, told: Reports, message_id: str) -> UUID | None:
    if told.ids_are_ours:
        return _uuid(message_id)
    return _uuid(read(told.own_id)) if told.own_id else None


def _verdict(progress: Progress | None, code: str, by_code: errors.ErrorMap) -> Verdict | None:
    if progress in {Progress.UNDELIVERED, Progress.FAILED}:
        return errors.of_report(code, by_code=by_code)
    return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
