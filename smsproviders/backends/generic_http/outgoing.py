"""A message as a request: template, headers and signing in, each encoded by what it is."""

from dataclasses import dataclass
from typing import Any

from smsproviders.backends.generic_http import headers, placeholders
from smsproviders.backends.generic_http.recipe import BodyKind, Sending
from smsproviders.contract import OutgoingSms

_PARTS = {BodyKind.JSON: "json", BodyKind.FORM: "data", BodyKind.QUERY: "params"}


@dataclass(frozen=True, slots=True)
class Request:
    """`parts` are those of the `requests` library."""

    method: str
    url: str
    parts: dict[str, Any]


def request_of(sms: OutgoingSms, sending: Sending) -> Request:
    values = placeholders.values_of(sms, secret=sending.secret)
    parts = {
        _PARTS[sending.body_kind]: sending.template.filled(values),
        "headers": {**headers.filled_in(sending.headers, values), **signing_in(sending)},
    }
    return Request(sending.method, sending.url, parts)


def signing_in(sending: Sending) -> dict[str, bytes]:
    return headers.signing_in(
        sending.auth, user=sending.username, header=sending.auth_header, secret=sending.secret
    )
