"""Everything that a reset forgets, in one object: a late thread writes into the old one."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from .account import Account
from .callbacks import Callback, Delivery, callback_for
from .errors import Refusal
from .exchange import Request
from .messages import Message, MessageStore, Status
from .modes import Modes

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Violation:
    """A request, or an answer of ours, that Twilio's API could not have seen or given."""

    where: str  # "request" or "answer"
    method: str
    path: str
    problem: str


class State:
    """What happened since the start or the last reset. Safe to share by threads."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.messages = MessageStore()
        self.modes = Modes()
        self.over = threading.Event()
        self._requests: list[Request] = []
        self._sends: deque[float] = deque(maxlen=1000)
        self._deliveries: list[Delivery] = []
        self._held: list[Callback] = []
        self._violations: list[Violation] = []
        self._changed = threading.Condition()

    @property
    def requests(self) -> list[Request]:
        with self._changed:
            return list(self._requests)

    @property
    def deliveries(self) -> list[Delivery]:
        with self._changed:
            return list(self._deliveries)

    @property
    def held(self) -> list[Callback]:
        with self._changed:
            return list(self._held)

    @property
    def violations(self) -> list[Violation]:
        with self._changed:
            return list(self._violations)

    def record_request(self, request: Request) -> None:
        self._append(self._requests, request)

    def record_delivery(self, delivery: Delivery) -> None:
        self._append(self._deliveries, delivery)

    def record_violation(self, where: str, request: Request, problem: str) -> None:
        found = Violation(where, request.method, request.path, problem)
        self._append(self._violations, found)

    def hold(self, callback: Callback) -> None:
        self._append(self._held, callback)

    def let_go(self, callback: Callback) -> None:
        with self._changed:
            if callback in self._held:
                self._held.remove(callback)

    def demand_rate(self) -> None:
        """Refuse a send that is one too many within a second. A refused one is not counted."""
        limit, now = self.account.sends_per_second, time.monotonic()
        with self._changed:
            if limit is not None and sum(now - at < 1 for at in self._sends) >= limit:
                raise Refusal(20429)
            self._sends.append(now)

    def accept(self, message: Message) -> None:
        self.messages.add(message)
        self._notify()

    def advance(self, sid: str, status: Status, *, error_code: int | None) -> Callback | None:
        """Move a message on; returns the callback for it, signed with the account's token."""
        sender = self.account.numbers[0] if self.account.numbers else None
        message = self.messages.advance(sid, status, error_code=error_code, sender=sender)
        self._notify()
        return callback_for(message, token=self.account.auth_token)

    def give_feedback(self, sid: str, outcome: str) -> datetime:
        self.messages.give_feedback(sid, outcome)
        self._notify()
        return datetime.now(UTC)

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until the condition holds, looking again whenever something was recorded."""
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def _append(self, items: list[_T], item: _T) -> None:
        with self._changed:
            items.append(item)
            self._changed.notify_all()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()
