"""One request and one answer, as values: nothing here knows of sockets or accounts."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was received.

    `path` has no query. `query` and `form` hold the last value of a name; names that came more
    than once are in `repeated`. `at` is an aware datetime in UTC.
    """

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    repeated: frozenset[str]
    headers: Mapping[str, str]
    body: bytes
    auth_user: str
    password: str = field(repr=False)
    at: datetime

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def is_form(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() == FORM

    @classmethod
    def received(
        cls, *, method: str, target: str, headers: Message, body: bytes, at: datetime
    ) -> "Request":
        """Take apart what came over the wire; a body that is no form leaves `form` empty."""
        parts = urlsplit(target)
        lowered = {name.lower(): value for name, value in headers.items()}
        query = parse_qsl(parts.query, keep_blank_values=True)
        is_form = headers.get_content_type() == FORM
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if is_form else []
        user, password = _basic_auth(lowered.get("authorization", ""))
        return cls(
            method=method,
            path=parts.path,
            query=dict(query),
            form=dict(form),
            repeated=_repeated(query) | _repeated(form),
            headers=lowered,
            body=body,
            auth_user=user,
            password=password,
            at=at,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, ready to be written."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: object, *, status: int = HTTPStatus.OK) -> "Reply":
        return cls(status=int(status), body=json.dumps(data).encode())

    def on_the_wire(self, *, version: str = "HTTP/1.1", close: bool = False) -> bytes:
        """The whole answer as bytes: written at once, so that no half answer waits for an ACK."""
        headers = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            **self.headers,
            **({"Connection": "close"} if close else {}),
        }
        lines = [f"{version} {self.status} {_phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def rfc2822(moment: datetime | None) -> str | None:
    """A date as Twilio writes it: `Thu, 30 Jul 2015 20:12:31 +0000`."""
    return None if moment is None else format_datetime(moment)


def _basic_auth(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _repeated(pairs: list[tuple[str, str]]) -> frozenset[str]:
    names = [name for name, _ in pairs]
    return frozenset(name for name in names if names.count(name) > 1)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
