"""The addresses by which a person, or a script, steers a server that runs as its own process.

    GET  /_messages   /_callbacks   /_violations
    POST /_control    {"mode": "error:21610", "to": "+447…", "next": 2, "on": "send",
                       "account": {"balance": "0.10"}, "release": true, "reset": true}

Only `application/json` is taken, so that no foreign web page can post here.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from . import modes
from .account import Account, AccountStatus, AccountType
from .callbacks import Delivery
from .exchange import Reply, Request, rfc2822
from .messages import Message
from .routes import Endpoint

if TYPE_CHECKING:
    from .server import TwilioServer

_COMMANDS = {"mode", "to", "next", "on", "account", "release", "reset"}
_TYPES = {"status": AccountStatus, "type": AccountType, "numbers": tuple, "services": tuple}


def answer(server: "TwilioServer", request: Request) -> Reply | None:
    """The reply to a control request; None when it is not one."""
    match request.method, request.path:
        case "GET", "/_messages":
            return Reply.of([_message(message) for message in server.messages])
        case "GET", "/_callbacks":
            return Reply.of([_delivery(delivery) for delivery in server.callbacks])
        case "GET", "/_violations":
            return Reply.of([f"{found.where}: {found.problem}" for found in server.violations])
        case "POST", "/_control":
            return _control(server, request)
    return None


def _control(server: "TwilioServer", request: Request) -> Reply:
    if request.content_type.partition(";")[0].strip() != "application/json":
        return Reply.of({"error": "application/json only"}, status=415)
    try:
        commands = json.loads(request.body)
        if not isinstance(commands, dict) or commands.keys() - _COMMANDS:
            raise ValueError(f"a JSON object with these keys: {sorted(_COMMANDS)}")
        _obey(server, commands)
    except (ValueError, TypeError) as error:
        return Reply.of({"error": str(error)}, status=400)
    return Reply.of({"ok": True})


def _obey(server: "TwilioServer", commands: Mapping[str, object]) -> None:
    if commands.get("reset"):
        server.reset()
    if isinstance(changes := commands.get("account"), dict):
        server.change_account(**_account_changes(changes))
    if "mode" in commands:
        _set_mode(server, commands)
    if commands.get("release"):
        for callback in server.held:
            server.post(callback)


def _set_mode(server: "TwilioServer", commands: Mapping[str, object]) -> None:
    behaviour = modes.parse(str(commands["mode"]))
    on = Endpoint(str(commands["on"])) if "on" in commands else None
    if "to" in commands:
        server.behave_towards(str(commands["to"]), behaviour)
    elif "next" in commands:
        times = int(str(commands["next"]))
        server.behave_next(*[behaviour] * times, on=on or Endpoint.SEND)
    else:
        server.behave(behaviour, on=on)


def _account_changes(changes: Mapping[str, object]) -> dict[str, object]:
    known = {field.name for field in fields(Account)}
    if unknown := changes.keys() - known:
        raise ValueError(f"an account has no {sorted(unknown)}; it has {sorted(known)}")
    return {name: _TYPES.get(name, lambda same: same)(value) for name, value in changes.items()}


def _message(message: Message) -> dict[str, object]:
    history = [status.value for status in message.history]
    return {**message.as_json(), "history": history, "feedback": message.feedback}


def _delivery(delivery: Delivery) -> dict[str, object]:
    return {
        "url": delivery.callback.url,
        "params": dict(delivery.callback.params),
        "response_status": delivery.response_status,
        "error": delivery.error,
        "at": rfc2822(delivery.at),
    }
