"""How a message stands, from its attempts: the one place where its state is decided.

The state is derived anew from all attempts each time, and each attempt only moves forward, so
reports lead to the same state in whatever order they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smsproviders.models import SmsAttempt
from smsproviders.sending.next_step import GiveUp, Hold, Step, is_taken
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress

FINE = frozenset({MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Standing:
    state: MessageState
    cause: str


def standing(attempts: Sequence[SmsAttempt], step: Step, *, alive: bool) -> Standing:
    """`step` is what follows, GiveUp for a message that is closed; `alive`: its code still is."""
    state = _state(attempts, step, alive=alive)
    if state in FINE:
        return Standing(state, "")
    return Standing(state, _cause(attempts, state, step))


def _state(attempts: Sequence[SmsAttempt], step: Step, *, alive: bool) -> MessageState:
    taken = {attempt.progress for attempt in attempts if is_taken(attempt)}
    if taken:
        return _furthest(taken)
    if not isinstance(step, GiveUp):
        return MessageState.SENDING if attempts else MessageState.QUEUED
    if any(attempt.decision in {"", Decision.AMBIGUOUS} for attempt in attempts):
        return MessageState.UNKNOWN
    if any(attempt.progress == Progress.UNDELIVERED for attempt in attempts):
        return MessageState.UNDELIVERED
    if attempts:
        return MessageState.FAILED
    nobody_came = not alive and not step.cause
    too_late = nobody_came or step.cause == Cause.EXPIRED_BEFORE_SENDING
    return MessageState.EXPIRED if too_late else MessageState.FAILED


def _furthest(progress: set[str]) -> MessageState:
    if Progress.DELIVERED in progress:
        return MessageState.DELIVERED
    return MessageState.SENT if Progress.SENT in progress else MessageState.ACCEPTED


def _cause(attempts: Sequence[SmsAttempt], state: MessageState, step: Step) -> str:
    """That of the last attempt that has one; without attempts nobody could, or nobody came."""
    for attempt in reversed(attempts):
        if attempt.cause:
            return attempt.cause
    if isinstance(step, GiveUp | Hold) and step.cause:
        return step.cause
    match state:
        case MessageState.FAILED:
            return Cause.NO_PROVIDER
        case MessageState.EXPIRED:
            return Cause.EXPIRED_BEFORE_SENDING
        case _:
            return ""
