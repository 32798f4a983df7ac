"""The gateway: one account, what it takes, and what it answers."""

import json
import re
import ssl
import threading
from base64 import b64encode
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.http_gateway.asked import Asked
from tests.http_gateway.behaviours import Behaviour
from tests.http_gateway.listener import Listener, Reply
from tests.http_gateway.reports import post_later

TOKEN = "gateway-token-of-tests"
USER = "ann"
KANNEL_USER, KANNEL_PASSWORD = "backoffice", "kannel password & more"

FIELDS = {"to", "from", "text", "ttl", "reference", "callback", "key"}
E164 = re.compile(r"\+[1-9]\d{6,14}\Z")


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    to: str
    text: str
    fields: dict[str, Any]


class HttpGateway:
    """`with HttpGateway() as gateway:`; with `tls` it speaks nothing else."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour = Behaviour()
        self.requests: list[Asked] = []
        self.messages: list[Message] = []
        self.violations: list[str] = []
        self.balance = "12.34"
        self.reports_with = ""
        """With a secret it reports the delivery of what it took, to the callback in the message."""
        self._lock = threading.Lock()
        self._listener = Listener(self._answer, tls=tls)

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.stop()

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def behave(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    def reset(self) -> None:
        self._listener.hang_up()
        self.behaviour = Behaviour()
        self.balance, self.reports_with = "12.34", ""
        self.requests.clear()
        self.messages.clear()
        self.violations.clear()

    def _answer(self, asked: Asked) -> tuple[Behaviour, Reply]:
        with self._lock:
            self.requests.append(asked)
            self.violations.extend(asked.violations())
            return self.behaviour, self._reply(asked)

    def _reply(self, asked: Asked) -> Reply:
        match asked.path:
            case "/messages":
                return self._take(asked) if _knows(asked) else _refused(401, "bad-key")
            case "/balance":
                account = {"balance": self.balance, "currency": "EUR"}
                return _says(200, {"account": account}) if _knows(asked) else _refused(401, "key")
            case "/cgi-bin/sendsms":
                return self._as_kannel(asked)
            case _:
                return _refused(404, "no-such-page")

    def _take(self, asked: Asked) -> Reply:
        if asked.method not in {"POST", "PUT"} and not asked.query:
            return _refused(405, "method")
        try:
            fields = asked.fields
        except ValueError:
            self.violations.append("a body that is not what its type says")
            return _refused(400, "malformed")
        if unknown := fields.keys() - FIELDS:
            return _refused(400, "unknown-field", ", ".join(sorted(unknown)))
        if not E164.match(str(fields.get("to", ""))):
            return _refused(422, "bad-number", f"{fields.get('to')} is no number")
        if not fields.get("text"):
            return _refused(422, "no-text")
        message = self._keep(str(fields["to"]), str(fields["text"]), fields)
        if self.reports_with and fields.get("callback"):
            post_later(str(fields["callback"]), message.id, secret=self.reports_with)
        told = {"id": message.id, "status": "queued", "segments": 1, "price": "0.0450"}
        return _says(201, {"messages": [told]})

    def _as_kannel(self, asked: Asked) -> Reply:
        """As smsbox does: words and no JSON, 202 for what it took."""
        fields = dict(asked.query)
        if (fields.get("username"), fields.get("password")) != (KANNEL_USER, KANNEL_PASSWORD):
            return Reply(403, b"Authorization failed for sendsms", "text/html")
        if not fields.get("to"):
            return Reply(400, b"Missing receiver number, rejected", "text/html")
        self._keep(fields["to"], fields.get("text", ""), fields)
        return Reply(202, b"0: Accepted for delivery", "text/html")

    def _keep(self, to: str, text: str, fields: dict[str, Any]) -> Message:
        message = Message(f"gw-{len(self.messages) + 1:04d}", to, text, fields)
        self.messages.append(message)
        return message


def _knows(asked: Asked) -> bool:
    """By any of the ways that the backend can sign in."""
    pair = b64encode(f"{USER}:{TOKEN}".encode()).decode()
    return (
        asked.headers.get("authorization") in {f"Bearer {TOKEN}", f"Basic {pair}"}
        or asked.headers.get("x-api-key") == TOKEN
        or dict(asked.query).get("key") == TOKEN
        or (asked.method != "GET" and _key_in_body(asked))
    )


def _key_in_body(asked: Asked) -> bool:
    try:
        return asked.fields.get("key") == TOKEN
    except ValueError:
        return False


def _refused(status: int, code: str, words: str = "") -> Reply:
    return _says(status, {"error": {"code": code, "message": words}})


def _says(status: int, content: Any) -> Reply:
    return Reply(status, json.dumps(content).encode())
