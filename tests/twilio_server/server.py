"""The server as tests hold it: start and stop, behaviours, inspection, callbacks by hand."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from . import control, openapi
from .account import Account
from .api import Api, Turn
from .behaviours import Behaviour
from .callbacks import Callback, Delivery, callback_for
from .courier import Courier
from .exchange import Request
from .lifecycle import Lifecycle
from .messages import Message, Status
from .poster import Poster
from .routes import Endpoint
from .state import State, Violation
from .transport import Listener, Visit

PATIENCE_SECONDS = 5.0


class TwilioServer:
    """A Twilio of one account on 127.0.0.1. It runs from its making until close().

    Holding a send and its answer against TWILIO_OPENAPI takes some 30 ms of one core; a test of
    throughput says `described=False`.
    """

    def __init__(
        self, account: Account | None = None, *, port: int = 0, described: bool = True
    ) -> None:
        self._api = Api(openapi.from_environment() if described else None)
        self._first_account = account or Account()
        self._state = State(self._first_account)
        self._listener = Listener("127.0.0.1", port, self._visit)
        self._poster = Poster()
        self._courier = Courier()
        self._lifecycle = Lifecycle(self._courier, self._poster)
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
        """End every connection, thread and pending callback; returns within a moment."""
        self._state.over.set()
        self._poster.close()
        self._listener.close()
        self._courier.close()
        if self._listener.failures:
            raise ExceptionGroup("the Twilio server failed", self._listener.failures)

    def reset(self) -> None:
        """Forget requests, messages, callbacks, behaviours and changes of the account.

        Requests that hang are cut, and callbacks under way are waited for (and cut, if they take
        too long), so that nothing of one test reaches into the next.
        """
        old, self._state = self._state, State(self._first_account)
        old.over.set()
        if not self._courier.forget(PATIENCE_SECONDS):
            self._poster.cut()
            self._courier.forget(PATIENCE_SECONDS)

    @property
    def url(self) -> str:
        """Scheme, host and port: the value for TWILIO_API_URL."""
        host, port = self._listener.server_address[:2]
        return f"http://{host!s}:{port}"

    # The account

    @property
    def account(self) -> Account:
        return self._state.account

    def change_account(self, **changes: Any) -> Account:
        """Change fields of the account, until the next reset."""
        self._state.account = replace(self._state.account, **changes)
        return self._state.account

    # Behaviours

    def behave(self, behaviour: Behaviour, *, on: Endpoint | None = None) -> None:
        """From now on: everywhere (which ends all former ones), or at one endpoint."""
        self._state.modes.always(behaviour, on=on)

    def behave_next(self, *behaviours: Behaviour, on: Endpoint = Endpoint.SEND) -> None:
        """Queue behaviours for the next requests of one endpoint: one each, before all others."""
        self._state.modes.next(*behaviours, on=on)

    def behave_towards(self, number: str, behaviour: Behaviour) -> None:
        """For every send to this number."""
        self._state.modes.towards(number, behaviour)

    # Inspection: copies, safe to look at while the server works

    @property
    def requests(self) -> list[Request]:
        return self._state.requests

    @property
    def messages(self) -> list[Message]:
        return self._state.messages.all()

    @property
    def callbacks(self) -> list[Delivery]:
        """The callbacks that were made, each with the status it was answered with."""
        return self._state.deliveries

    @property
    def held(self) -> list[Callback]:
        return self._state.held

    @property
    def violations(self) -> list[Violation]:
        return self._state.violations

    def message(self, sid: str) -> Message:
        found = self._state.messages.get(sid)
        if found is None:
            raise KeyError(sid)
        return found

    def sends_by_destination(self) -> Counter[str]:
        """How often a send was asked for, answered or not, by the number in To."""
        sends = (one for one in self.requests if one.method == "POST" and "To" in one.form)
        return Counter(one.form["To"] for one in sends)

    def messages_by_destination(self) -> Counter[str]:
        """How many messages were accepted: what the client would receive, and the bill names."""
        return Counter(message.to for message in self.messages)

    def assert_no_violations(self) -> None:
        found = [f"{one.where} {one.method} {one.path}: {one.problem}" for one in self.violations]
        if found:
            raise AssertionError("\n".join(["Twilio's API was violated:", *found]))

    # Waiting

    def wait_until(
        self, condition: Callable[[], bool], timeout: float = PATIENCE_SECONDS, what: str = ""
    ) -> None:
        """Wait for a condition over this server, looking again at each event; else AssertionError.

        `timeout` is in seconds.
        """
        if not self._state.wait_until(condition, timeout):
            raise AssertionError(f"{what or 'it'} did not happen within {timeout} s")

    def wait_for_requests(self, count: int, timeout: float = PATIENCE_SECONDS) -> list[Request]:
        self.wait_until(lambda: len(self.requests) >= count, timeout, f"{count} requests")
        return self.requests

    def wait_for_messages(self, count: int, timeout: float = PATIENCE_SECONDS) -> list[Message]:
        self.wait_until(lambda: len(self.messages) >= count, timeout, f"{count} messages")
        return self.messages

    def wait_for_callbacks(self, count: int, timeout: float = PATIENCE_SECONDS) -> list[Delivery]:
        self.wait_until(lambda: len(self.callbacks) >= count, timeout, f"{count} callbacks")
        return self.callbacks

    def wait_for_held(self, count: int, timeout: float = PATIENCE_SECONDS) -> list[Callback]:
        self.wait_until(lambda: len(self.held) >= count, timeout, f"{count} held callbacks")
        return self.held

    def wait_until_idle(self, timeout: float = PATIENCE_SECONDS) -> None:
        """Wait until every message has had its last status, and every callback was made."""
        if not self._courier.wait_until_idle(timeout):
            raise AssertionError(f"messages are still under way after {timeout} s")

    # Callbacks by hand

    def callback_for(self, sid: str) -> Callback | None:
        """The signed callback for a message's present status, to post or to forge."""
        return callback_for(self.message(sid), token=self.account.auth_token)

    def post(self, callback: Callback) -> Delivery:
        """Make this callback now, as it is, and return what it met. A held one is let go."""
        state = self._state
        state.let_go(callback)
        delivery = self._poster.post(callback)
        state.record_delivery(delivery)
        return delivery

    def report(self, sid: str, status: Status, *, error_code: int | None = None) -> Delivery | None:
        """Move a message on by hand and call back at once; None when it asked for no callback."""
        callback = self._state.advance(sid, status, error_code=error_code)
        return None if callback is None else self.post(callback)

    def _visit(self, request: Request) -> Visit:
        state = self._state
        if (reply := control.answer(self, request)) is not None:
            return Visit(Turn(Behaviour(), reply), state.over, lambda: None)
        turn = self._api.take(state, request)
        if turn.accepted is None:
            return Visit(turn, state.over, lambda: None)
        begin = self._lifecycle.prepare(state, turn.accepted, turn.behaviour)
        return Visit(turn, state.over, begin)
