"""The life of a message after it was accepted: its statuses, and the callbacks about them."""

from collections.abc import Callable, Iterator

from .behaviours import Behaviour, Manner
from .callbacks import Callback
from .courier import Courier
from .messages import Message, Status
from .poster import Poster
from .state import State


class Lifecycle:
    """Starts the lives of messages on the courier's threads."""

    def __init__(self, courier: Courier, poster: Poster) -> None:
        self._courier = courier
        self._poster = poster

    def prepare(self, state: State, message: Message, behaviour: Behaviour) -> Callable[[], None]:
        """Returns what begins the life. Test credentials deliver nothing and call nobody back."""
        if state.account.test_credentials:
            return lambda: None
        return self._courier.expect(self._live(state, message, behaviour))

    def _live(self, state: State, message: Message, behaviour: Behaviour) -> Iterator[float]:
        gathered: list[Callback] = []
        steps = _steps(message, behaviour)
        for status in steps:
            yield behaviour.pace
            if state.over.is_set():
                return
            code = behaviour.outcome.error_code if status is steps[-1] else None
            callback = state.advance(message.sid, status, error_code=code)
            if callback is None:
                continue
            if behaviour.callbacks.manner is Manner.REORDERED:
                gathered.append(callback)
            else:
                yield from self._call_back(state, callback, behaviour)
        for callback in reversed(gathered):
            yield from self._deliver(state, callback)

    def _call_back(self, state: State, callback: Callback, behaviour: Behaviour) -> Iterator[float]:
        match behaviour.callbacks.manner:
            case Manner.HELD:
                state.hold(callback)
            case Manner.LATE:
                later = self._deliver(state, callback)
                self._courier.start(later, after=behaviour.callbacks.seconds)
            case Manner.TWICE:
                yield from self._deliver(state, callback)
                yield from self._deliver(state, callback)
            case Manner.PROMPT:
                yield from self._deliver(state, callback)

    def _deliver(self, state: State, callback: Callback) -> Iterator[float]:
        """Call, and again as often as the fragment of the address asks for."""
        for attempt in range(callback.retries + 1):
            if attempt:
                yield 0.05 * attempt
            if state.over.is_set():
                return
            delivery = self._poster.post(callback)
            state.record_delivery(delivery)
            if not callback.retries_after(delivery.response_status):
                return


def _steps(message: Message, behaviour: Behaviour) -> tuple[Status, ...]:
    """A messaging service first chooses a sender: from accepted to queued."""
    steps = behaviour.outcome.steps
    return (Status.QUEUED, *steps) if steps and message.status is Status.ACCEPTED else steps
