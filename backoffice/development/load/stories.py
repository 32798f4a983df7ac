"""How messages end, and how often: the table that the load draws from."""

from dataclasses import dataclass

from smsproviders.vocabulary import Cause, Decision, MessageState, Progress

RECEIVED = ("delivered", Progress.DELIVERED, "")
HANDED_OVER = ("sent", Progress.SENT, "")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a provider. `reports`: raw status, progress and error code of each."""

    decision: Decision
    cause: Cause | None = None
    code: str = ""
    progress: Progress | None = None
    reports: tuple[tuple[str, Progress, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """`weight` of 1,000; `typed`: of those, the share whose code was typed.

    The first call goes to a provider by its share, each further one to the next provider.
    """

    weight: int
    state: MessageState
    cause: Cause | None
    calls: tuple[Call, ...]
    typed: float = 0.0


def _lost(code: str, cause: Cause, decision: Decision = Decision.NEXT_ONCE) -> Call:
    report = ("undelivered", Progress.UNDELIVERED, code)
    return Call(decision, cause, code, Progress.UNDELIVERED, (report,))


def _refused(code: str, cause: Cause, decision: Decision) -> Call:
    return Call(decision, cause, code)


_TAKEN = Call(Decision.DONE, progress=Progress.ACCEPTED)
_SENT = Call(Decision.DONE, progress=Progress.SENT, reports=(HANDED_OVER,))
_DELIVERED = Call(Decision.DONE, progress=Progress.DELIVERED, reports=(RECEIVED,))
_FOLLOWED = Call(Decision.DONE, progress=Progress.DELIVERED, reports=(HANDED_OVER, RECEIVED))
_DOWN = _refused("", Cause.PROVIDER_DOWN, Decision.NEXT)
_BUSY = _refused("20429", Cause.RATE_LIMITED_BY_PROVIDER, Decision.RETRY)
_UNREACHABLE = _lost("30003", Cause.HANDSET_UNREACHABLE)
_BLOCKED = _lost("30004", Cause.CARRIER_BLOCKED)
_UNKNOWN_NUMBER = _lost("30005", Cause.NUMBER_UNKNOWN, Decision.STOP)
_INVALID = _refused("21211", Cause.NUMBER_INVALID, Decision.STOP)
_LANDLINE = _refused("21614", Cause.LANDLINE, Decision.STOP)
_OPTED_OUT = _refused("21610", Cause.OPTED_OUT, Decision.STOP)
_WRONG_KEY = _refused("20003", Cause.CREDENTIALS_REJECTED, Decision.NEXT)
_NO_FUNDS = _refused("30002", Cause.BALANCE_LOW, Decision.NEXT)
_NO_ANSWER = _refused("", Cause.PROVIDER_DOWN, Decision.AMBIGUOUS)

_S = MessageState
STORIES = (
    Story(500, _S.DELIVERED, None, (_DELIVERED,), 0.93),
    Story(340, _S.DELIVERED, None, (_FOLLOWED,), 0.93),
    Story(25, _S.DELIVERED, None, (_DOWN, _DELIVERED), 0.9),
    Story(10, _S.DELIVERED, None, (_BUSY, _DELIVERED), 0.9),
    Story(10, _S.DELIVERED, None, (_UNREACHABLE, _DELIVERED), 0.7),
    Story(40, _S.SENT, None, (_SENT,), 0.85),
    Story(15, _S.ACCEPTED, None, (_TAKEN,), 0.6),
    Story(14, _S.UNDELIVERED, Cause.HANDSET_UNREACHABLE, (_UNREACHABLE, _UNREACHABLE)),
    Story(9, _S.UNDELIVERED, Cause.CARRIER_BLOCKED, (_BLOCKED, _BLOCKED)),
    Story(8, _S.UNDELIVERED, Cause.NUMBER_UNKNOWN, (_UNKNOWN_NUMBER,)),
    Story(5, _S.FAILED, Cause.NUMBER_INVALID, (_INVALID,)),
    Story(3, _S.FAILED, Cause.LANDLINE, (_LANDLINE,)),
    Story(3, _S.FAILED, Cause.OPTED_OUT, (_OPTED_OUT,)),
    Story(3, _S.FAILED, Cause.CREDENTIALS_REJECTED, (_WRONG_KEY, _WRONG_KEY)),
    Story(2, _S.FAILED, Cause.BALANCE_LOW, (_NO_FUNDS, _NO_FUNDS)),
    Story(6, _S.EXPIRED, Cause.EXPIRED_BEFORE_SENDING, ()),
    Story(7, _S.UNKNOWN, Cause.PROVIDER_DOWN, (_NO_ANSWER, _NO_ANSWER), 0.4),
)
