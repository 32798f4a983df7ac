"""How the server behaves: its answer, the message's fate, and the manner of its callbacks.

The three are independent, so that one behaviour can say "the answer never comes, the message is
delivered all the same, and the report arrives twice".
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .messages import Status


class Answer(StrEnum):
    """What the caller gets on the wire."""

    OK = "ok"
    HANG = "hang"  # the request is read, nothing is ever written
    DRIP = "drip"  # the true answer, byte by byte
    REFUSE = "refuse"  # the request is read, the socket is closed
    ERROR = "error"  # a Twilio error with a code
    HTTP = "http"  # a status from something in front of Twilio: HTML, no code
    EMPTY = "empty"  # a 2xx with `{}`


class Manner(StrEnum):
    """How a message's status callbacks are made."""

    PROMPT = "prompt"
    LATE = "late"
    TWICE = "twice"
    REORDERED = "reordered"
    NONE = "none"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The statuses a message goes through after its first, and the code it ends with."""

    steps: tuple[Status, ...] = (Status.SENDING, Status.SENT, Status.DELIVERED)
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Callbacks:
    """A manner of calling back; `seconds` is the wait of the late ones."""

    manner: Manner = Manner.PROMPT
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to treat one request. Build it with the functions below, refine it by its methods.

    `accepts` says whether a send is recorded (and progresses, and calls back) although the caller
    gets no usable answer: the ambiguous send. `delay` is the seconds before the answer, or, for
    a dripping one, before each byte. `pace` is the seconds between two statuses of the message.
    """

    answer: Answer = Answer.OK
    accepts: bool = True
    delay: float = 0.0
    pace: float = 0.0
    code: int | None = None
    status: int | None = None
    outcome: Outcome = Outcome()
    callbacks: Callbacks = Callbacks()

    def ending(self, outcome: Outcome) -> "Behaviour":
        return replace(self, outcome=outcome)

    def calling(self, callbacks: Callbacks) -> "Behaviour":
        return replace(self, callbacks=callbacks)

    def accepting(self, accepts: bool = True) -> "Behaviour":
        return replace(self, accepts=accepts)

    def paced(self, seconds: float) -> "Behaviour":
        return replace(self, pace=seconds)

    @property
    def answers_at_once(self) -> bool:
        return self.answer is Answer.OK and not self.delay


# Answers.


def ok() -> Behaviour:
    return Behaviour()


def slow(seconds: float) -> Behaviour:
    """Accepted at once, answered late: callbacks may well overtake the answer."""
    return Behaviour(delay=seconds)


def hang() -> Behaviour:
    return Behaviour(answer=Answer.HANG, accepts=False)


def drip(seconds_per_byte: float = 1.0) -> Behaviour:
    """A true answer that no read timeout catches, since a byte comes ever again."""
    return Behaviour(answer=Answer.DRIP, delay=seconds_per_byte)


def refuse_before_answer() -> Behaviour:
    return Behaviour(answer=Answer.REFUSE, accepts=False)


def accept_then_drop() -> Behaviour:
    return Behaviour(answer=Answer.REFUSE)


def accept_then_hang() -> Behaviour:
    return Behaviour(answer=Answer.HANG)


def twilio_error(code: int) -> Behaviour:
    """Any Twilio code with its HTTP status: 20003, 20429, 20500, 20503, 21610…"""
    return Behaviour(answer=Answer.ERROR, code=code, accepts=False)


def http_error(status: int) -> Behaviour:
    """A status without a Twilio code, as a proxy in front of Twilio answers."""
    return Behaviour(answer=Answer.HTTP, status=status, accepts=False)


def empty_answer() -> Behaviour:
    """A success with the body `{}`: the send happened, its sid is unknown to the caller."""
    return Behaviour(answer=Answer.EMPTY)


# Outcomes.


def delivered() -> Outcome:
    return Outcome()


def undelivered(code: int) -> Outcome:
    return Outcome((Status.SENDING, Status.SENT, Status.UNDELIVERED), code)


def failed(code: int) -> Outcome:
    return Outcome((Status.SENDING, Status.FAILED), code)


def sent_only() -> Outcome:
    """The carrier took it and gives no receipt."""
    return Outcome((Status.SENDING, Status.SENT))


def stuck() -> Outcome:
    """The message stays in Twilio's queue."""
    return Outcome(())


# Callbacks.


def prompt() -> Callbacks:
    return Callbacks()


def late(seconds: float) -> Callbacks:
    return Callbacks(Manner.LATE, seconds)


def twice() -> Callbacks:
    return Callbacks(Manner.TWICE)


def reordered() -> Callbacks:
    """The last status first, when all have happened."""
    return Callbacks(Manner.REORDERED)


def no_callbacks() -> Callbacks:
    return Callbacks(Manner.NONE)


def held() -> Callbacks:
    """Kept in `server.held` until the test posts them, in the order it likes."""
    return Callbacks(Manner.HELD)
