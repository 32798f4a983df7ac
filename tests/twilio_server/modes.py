"""Which behaviour a request meets, and the short words that name a behaviour in text."""

from collections import deque
from collections.abc import Callable, Mapping

from . import behaviours
from .behaviours import Behaviour, Callbacks, Outcome
from .routes import Endpoint


class Modes:
    """Chooses the behaviour of a request: the queue first, then the number, then the endpoint."""

    def __init__(self) -> None:
        self._default = Behaviour()
        self._by_endpoint: dict[Endpoint, Behaviour] = {}
        self._by_number: dict[str, Behaviour] = {}
        self._queues: dict[Endpoint, deque[Behaviour]] = {}

    def always(self, behaviour: Behaviour, *, on: Endpoint | None = None) -> None:
        if on is None:
            self._default = behaviour
            self._by_endpoint.clear()
        else:
            self._by_endpoint[on] = behaviour

    def towards(self, number: str, behaviour: Behaviour) -> None:
        self._by_number[number] = behaviour

    def next(self, *behaviours: Behaviour, on: Endpoint = Endpoint.SEND) -> None:
        self._queues.setdefault(on, deque()).extend(behaviours)

    def choose(self, endpoint: Endpoint, form: Mapping[str, str]) -> Behaviour:
        """The behaviour for this request; a queued one is used up by it."""
        try:
            return self._queues[endpoint].popleft()
        except (KeyError, IndexError):
            pass
        if endpoint is Endpoint.SEND and form.get("To") in self._by_number:
            return self._by_number[form["To"]]
        return self._by_endpoint.get(endpoint, self._default)


# What follows is for the command line and the control address, where no Python can be written.

_ANSWERS: Mapping[str, Callable[[], Behaviour]] = {
    "ok": behaviours.ok,
    "hang": behaviours.hang,
    "drip": behaviours.drip,
    "refuse": behaviours.refuse_before_answer,
    "accept-then-drop": behaviours.accept_then_drop,
    "accept-then-hang": behaviours.accept_then_hang,
    "empty": behaviours.empty_answer,
}
_ANSWERS_OF_A_NUMBER: Mapping[str, Callable[[float], Behaviour]] = {
    "slow": behaviours.slow,
    "drip": behaviours.drip,
    "error": lambda code: behaviours.twilio_error(int(code)),
    "http": lambda status: behaviours.http_error(int(status)),
}
_OUTCOMES: Mapping[str, Callable[[], Outcome]] = {
    "delivered": behaviours.delivered,
    "sent": behaviours.sent_only,
    "stuck": behaviours.stuck,
}
_OUTCOMES_OF_A_CODE: Mapping[str, Callable[[int], Outcome]] = {
    "undelivered": behaviours.undelivered,
    "failed": behaviours.failed,
}
_CALLBACKS: Mapping[str, Callable[[], Callbacks]] = {
    "prompt": behaviours.prompt,
    "twice": behaviours.twice,
    "reordered": behaviours.reordered,
    "no-callbacks": behaviours.no_callbacks,
    "held": behaviours.held,
}
GRAMMAR = (
    "words joined by commas: one of "
    + ", ".join([*_ANSWERS, "slow:SECONDS", "drip:SECONDS", "error:CODE", "http:STATUS"])
    + "; one of "
    + ", ".join([*_OUTCOMES, "undelivered:CODE", "failed:CODE"])
    + "; one of "
    + ", ".join([*_CALLBACKS, "late:SECONDS"])
    + "; pace:SECONDS"
)


def parse(text: str) -> Behaviour:
    """Read a behaviour from words: `slow:2`, `error:21610`, `accept-then-drop,late:3`.

    Raises ValueError, with the grammar in its text, for a word it does not know.
    """
    behaviour = Behaviour()
    # An answer is a whole behaviour of its own: it goes first, whatever the order of the words.
    for word in sorted(text.split(","), key=lambda word: not _is_answer(word)):
        try:
            behaviour = _with_word(behaviour, word.strip())
        except (KeyError, ValueError) as error:
            raise ValueError(f"{word.strip()!r} is no mode; write {GRAMMAR}") from error
    return behaviour


def _is_answer(word: str) -> bool:
    return word.strip().partition(":")[0] in _ANSWERS.keys() | _ANSWERS_OF_A_NUMBER.keys()


def _with_word(behaviour: Behaviour, word: str) -> Behaviour:
    name, _, number = word.partition(":")
    if not number:
        if name in _ANSWERS:
            return _ANSWERS[name]()
        if name in _OUTCOMES:
            return behaviour.ending(_OUTCOMES[name]())
        return behaviour.calling(_CALLBACKS[name]())
    if name in _ANSWERS_OF_A_NUMBER:
        return _ANSWERS_OF_A_NUMBER[name](float(number))
    if name in _OUTCOMES_OF_A_CODE:
        return behaviour.ending(_OUTCOMES_OF_A_CODE[name](int(number)))
    if name == "late":
        return behaviour.calling(behaviours.late(float(number)))
    if name == "pace":
        return behaviour.paced(float(number))
    raise KeyError(name)
