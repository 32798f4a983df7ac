"""What a send must look like, and what becomes of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.twilio_server import segments
from tests.twilio_server.exchange import Reply, Request

REQUIRED = {"api_key", "api_secret", "from", "to", "text"}
KNOWN = REQUIRED | {"type", "ttl", "callback", "client-ref", "status-report-req"}
PRICE = "0.03330000"


@dataclass(frozen=True, slots=True)
class Message:
    """A send that was accepted, at least in part. `ids` are those of its parts."""

    ids: tuple[str, ...]
    to: str
    sender: str
    text: str
    type: str
    ttl_ms: int
    callback: str
    client_ref: str
    wants_receipts: bool


def violations(request: Request) -> Iterator[str]:
    form = request.form
    if not request.is_form or request.query:
        yield "a send is a form, with nothing in the address"
    if request.repeated:
        yield f"repeated: {sorted(request.repeated)}"
    if unknown := form.keys() - KNOWN:
        yield f"unknown parameters: {sorted(unknown)}"
    if missing := [name for name in sorted(REQUIRED) if not form.get(name)]:
        yield f"missing: {missing}"
    if not re.fullmatch(r"[1-9]\d{6,14}", form.get("to", "")):
        yield "to: a number of 7 to 15 digits, without +"
    if not re.fullmatch(r"\d{3,15}|[A-Za-z0-9 ]{1,11}", form.get("from", "")):
        yield "from: a number without +, or up to 11 letters and digits"
    if not 20_000 <= int(form.get("ttl", "259200000")) <= 604_800_000:
        yield "ttl: 20000 to 604800000 milliseconds"
    if len(form.get("client-ref", "")) > 40:
        yield "client-ref: at most 40 characters"
    if form.get("status-report-req", "1") not in {"0", "1"}:
        yield "status-report-req: 0 or 1"
    yield from _of_the_text(form)
    yield from _of_the_callback(form)


def made(request: Request, number: int) -> Message:
    """The message as it would be when every part of it is accepted."""
    form = request.form
    parts = segments.count(form["text"])
    return Message(
        ids=tuple(f"0A{number:08X}{part:06X}" for part in range(parts)),
        to=form["to"],
        sender=form["from"],
        text=form["text"],
        type=form.get("type", "text"),
        ttl_ms=int(form.get("ttl", "259200000")),
        callback=form.get("callback", ""),
        client_ref=form.get("client-ref", ""),
        wants_receipts=form.get("status-report-req", "1") == "1",
    )


def answer(message: Message, statuses: tuple[str, ...]) -> Reply:
    """Always 200; the status of each part says what was made of it."""
    each = statuses if len(statuses) > 1 else statuses * len(message.ids)
    parts = [_part(message, place, status) for place, status in enumerate(each)]
    return Reply.of({"message-count": str(len(parts)), "messages": parts})


def refusal(status: str, words: str) -> Reply:
    return Reply.of({"message-count": "1", "messages": [{"status": status, "error-text": words}]})


def _part(message: Message, place: int, status: str) -> dict[str, str]:
    if status != "0":
        # As real ones do, it quotes what it refuses.
        return {
            "status": status,
            "error-text": f"Refused ({status}): {message.to} {message.text}",
            "to": message.to,
        }
    return {
        "to": message.to,
        "message-id": message.ids[place],
        "status": "0",
        "remaining-balance": "12.31237800",
        "message-price": PRICE,
        "network": "23410",
    }


def _of_the_text(form: Mapping[str, str]) -> Iterator[str]:
    kind, text = form.get("type", "text"), form.get("text", "")
    if kind not in {"text", "unicode"}:
        yield f"type: {kind}"
    if (kind == "text") != segments.is_gsm(text):
        yield "type: text for the GSM alphabet, and unicode for all else"


def _of_the_callback(form: Mapping[str, str]) -> Iterator[str]:
    if "callback" not in form:
        return
    parts = urlsplit(form["callback"])
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(form["callback"]) > 200:
        yield "callback: an address"
    if parts.query or parts.fragment:
        yield "callback: a POST to an address with a query is not supported"
