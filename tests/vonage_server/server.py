"""The server as tests hold it."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import requests

from tests.twilio_server.api import Turn
from tests.twilio_server.exchange import Reply, Request
from tests.twilio_server.transport import Listener, Visit
from tests.vonage_server import sending
from tests.vonage_server.account import Account
from tests.vonage_server.modes import Mode
from tests.vonage_server.receipts import receipt
from tests.vonage_server.sending import Message

WRONG_CREDENTIALS = {"error-code": "401", "error-code-label": "authentication failed"}


class VonageServer:
    """A Vonage of one account on 127.0.0.1, both of its hosts in one. It runs until close()."""

    def __init__(self, account: Account | None = None) -> None:
        self._first_account = self.account = account or Account()
        self._lock = threading.Lock()
        self._number = 0
        self._forget()
        self._listener = Listener("127.0.0.1", 0, self._visit)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._over.set()
        self._listener.close()
        if self._listener.failures:
            raise ExceptionGroup("the Vonage server failed", self._listener.failures)

    def reset(self) -> None:
        """Forget everything; requests that hang are cut."""
        self._over.set()
        self._forget()

    @property
    def url(self) -> str:
        """The value for VONAGE_API_URL."""
        host, port = self._listener.server_address[:2]
        return f"http://{host!s}:{port}"

    def change_account(self, **changes: Any) -> Account:
        self.account = replace(self.account, **changes)
        return self.account

    def behave(self, mode: Mode) -> None:
        """From now on, for sends."""
        self._mode = mode

    def behave_next(self, *modes: Mode) -> None:
        """For the next sends, one each."""
        self._modes.extend(modes)

    def behave_about_the_account(self, mode: Mode) -> None:
        """From now on, for balance and conversions."""
        self._account_mode = mode

    def sends_by_destination(self) -> Counter[str]:
        """How often a send was asked for, by the number as we write it."""
        sends = (one for one in self.requests if one.path == "/sms/json")
        return Counter(f"+{one.form['to']}" for one in sends)

    def report(self, message: Message, status: str = "delivered", err_code: str = "0") -> int:
        """Post the receipt to the message's own address, as POST-JSON; the status it met."""
        given = receipt(message, status, err_code, account=self.account)
        return requests.post(message.callback, json=given, timeout=5).status_code

    def assert_no_violations(self) -> None:
        if self.violations:
            raise AssertionError("\n".join(["Vonage's API was violated:", *self.violations]))

    def _forget(self) -> None:
        self.account = self._first_account
        self.requests: list[Request] = []
        self.messages: list[Message] = []
        self.conversions: list[dict[str, str]] = []
        self.violations: list[str] = []
        self._mode = self._account_mode = Mode()
        self._modes: deque[Mode] = deque()
        self._over = threading.Event()

    def _visit(self, request: Request) -> Visit:
        with self._lock:
            self.requests.append(request)
            mode, reply = self._take(request)
        turn = Turn(mode.wire, mode.disguise(reply))
        return Visit(turn, self._over, lambda: None)

    def _take(self, request: Request) -> tuple[Mode, Reply]:
        routes: dict[tuple[str, str], Callable[[Request], tuple[Mode, Reply]]] = {
            ("POST", "/sms/json"): self._send,
            ("GET", "/account/get-balance"): self._balance,
            ("POST", "/conversions/sms"): self._convert,
        }
        route = routes.get((request.method, request.path))
        if route is None:
            return Mode(), self._violated(f"no such address: {request.method} {request.path}")
        return route(request)

    def _send(self, request: Request) -> tuple[Mode, Reply]:
        mode = self._modes.popleft() if self._modes else self._mode
        if problems := list(sending.violations(request)):
            return Mode(), self._violated(*problems)
        if not self._is_owner(request.form["api_key"], request.form["api_secret"]):
            return mode, sending.refusal("4", "Bad Credentials")
        self._number += 1
        message = sending.made(request, self._number)
        if "0" in mode.statuses:
            self.messages.append(message)
        return mode, sending.answer(message, mode.statuses or ("0",))

    def _balance(self, request: Request) -> tuple[Mode, Reply]:
        if request.query:
            return Mode(), self._violated("a secret in an address")
        if not self._is_owner(request.auth_user, request.password):
            return self._account_mode, Reply.of(WRONG_CREDENTIALS, status=HTTPStatus.UNAUTHORIZED)
        account = self.account
        told = {"value": account.balance, "autoReload": account.auto_reload}
        return self._account_mode, Reply.of(told)

    def _convert(self, request: Request) -> tuple[Mode, Reply]:
        mode = self._account_mode
        if request.query.keys() != {"message-id", "delivered", "timestamp"}:
            return Mode(), self._violated(f"a conversion with {sorted(request.query)}")
        if not self._is_owner(request.auth_user, request.password):
            return mode, Reply.of(WRONG_CREDENTIALS, status=HTTPStatus.UNAUTHORIZED)
        if not self.account.conversions:
            told = {"title": "Conversion has not been enabled for your account"}
            return mode, Reply.of(told, status=HTTPStatus.PAYMENT_REQUIRED)
        if not any(request.query["message-id"] in one.ids for one in self.messages):
            return mode, Reply.of({"title": "Invalid parameters"}, status=423)
        self.conversions.append(dict(request.query))
        return mode, Reply(HTTPStatus.OK)

    def _is_owner(self, key: str, secret: str) -> bool:
        return (key, secret) == (self.account.api_key, self.account.api_secret)

    def _violated(self, *problems: str) -> Reply:
        self.violations.extend(problems)
        return sending.refusal("3", "; ".join(problems))
