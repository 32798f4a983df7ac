"""What to do next for a message, from what its attempts came to. Decides only; tested as a table.

The table of errors says what one answer means (`Decision`); this says what follows from all of
them: at most three attempts, over at most two providers, within a minute of the first, and never
after the code's life.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import TERMINAL_PROGRESS, Cause, Decision, Progress

MAX_ATTEMPTS = 3
MAX_PROVIDERS = 2
WINDOW = timedelta(seconds=60)
# Less than this is no time for a call that can still be of use.
SHORTEST_CALL = timedelta(seconds=2)
BACKOFF_SECONDS = (1.0, 3.0)
# A report often comes although the answer got lost.
WAIT_FOR_REPORT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Send:
    """Call this provider: after that many seconds, or with jitter at random within them.

    `ask_first` is an attempt of unknown outcome: ask its provider what came of it before.
    """

    provider_id: UUID
    after: float = 0.0
    jitter: bool = False
    ask_first: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to send now: a call is running, or a provider took it and its reports may tell."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing to send any more."""


Step = Send | Wait | GiveUp


def next_step(
    attempts: Sequence[SmsAttempt], *, route: Sequence[UUID], now: datetime, expires_at: datetime
) -> Step:
    """`attempts` in their order; `route` holds the ids of the providers, the first to try first."""
    if is_under_way(attempts):
        return Wait()
    step = _first(route) if not attempts else _after(attempts, route)
    if isinstance(step, Send) and not _has_time(attempts, step, now=now, expires_at=expires_at):
        return GiveUp()
    return step


def is_under_way(attempts: Sequence[SmsAttempt]) -> bool:
    """A call is running, or a provider has it."""
    return any(is_taken(attempt) or not attempt.decision for attempt in attempts)


def is_taken(attempt: SmsAttempt) -> bool:
    """The provider has it, and did not report that it failed."""
    failed = attempt.progress in TERMINAL_PROGRESS - {Progress.DELIVERED}
    return attempt.decision == Decision.DONE and not failed


def end_of_sending(
    attempts: Sequence[SmsAttempt], *, now: datetime, expires_at: datetime
) -> datetime:
    """When the last call must be over.

    The minute counts from the first attempt, not from the row: a message that waited for the
    broker to come back is sent as long as its code lives.
    """
    began = attempts[0].started_at if attempts else now
    return min(began + WINDOW, expires_at)


def _has_time(
    attempts: Sequence[SmsAttempt], step: Send, *, now: datetime, expires_at: datetime
) -> bool:
    end = end_of_sending(attempts, now=now, expires_at=expires_at)
    return now + timedelta(seconds=step.after) + SHORTEST_CALL <= end


def _first(route: Sequence[UUID]) -> Step:
    return Send(route[0]) if route else GiveUp()


def _after(attempts: Sequence[SmsAttempt], route: Sequence[UUID]) -> Step:
    decisions = [attempt.decision for attempt in attempts]
    over = (
        len(attempts) >= MAX_ATTEMPTS
        or Decision.STOP in decisions
        or decisions.count(Decision.AMBIGUOUS) > 1
        or decisions.count(Decision.NEXT_ONCE) > 1
    )
    if over:
        return GiveUp()
    untried = _untried(attempts, route)
    match attempts[-1].decision:
        case Decision.AMBIGUOUS:
            return _once_more(attempts[-1], untried, route)
        case Decision.RETRY:
            return _same_then_next(attempts, untried, route)
        case Decision.NEXT:
            return Send(untried[0]) if untried else _back_to_one_that_was_down(attempts, route)
        case _:
            return Send(untried[0]) if untried else GiveUp()


def _untried(attempts: Sequence[SmsAttempt], route: Sequence[UUID]) -> list[UUID]:
    tried = {attempt.provider_id for attempt in attempts}
    if len(tried) >= MAX_PROVIDERS:
        return []
    return [provider for provider in route if provider not in tried]


def _once_more(last: SmsAttempt, untried: Sequence[UUID], route: Sequence[UUID]) -> Step:
    """By another provider, else by the same, and only if asking does not settle it."""
    same = [provider for provider in route if provider == last.provider_id]
    for provider in (*untried, *same):
        return Send(provider, after=WAIT_FOR_REPORT_SECONDS, ask_first=last.id)
    return GiveUp()


def _same_then_next(
    attempts: Sequence[SmsAttempt], untried: Sequence[UUID], route: Sequence[UUID]
) -> Step:
    provider = attempts[-1].provider_id
    calls = sum(attempt.provider_id == provider for attempt in attempts)
    if calls > 1 and untried:
        return Send(untried[0])
    if provider in route and provider is not None:
        return _backed_off(provider, attempts)
    return Send(untried[0]) if untried else _back_to_one_that_was_down(attempts, route)


def _back_to_one_that_was_down(attempts: Sequence[SmsAttempt], route: Sequence[UUID]) -> Step:
    """Nobody is left to turn to: try again where nothing was sent and the cause may pass."""
    last_of = {attempt.provider_id: attempt for attempt in attempts}
    down = [provider for provider in route if provider in last_of and _may_pass(last_of[provider])]
    if not down:
        return GiveUp()
    longest_ago = min(down, key=lambda provider: last_of[provider].number)
    return _backed_off(longest_ago, attempts)


def _may_pass(attempt: SmsAttempt) -> bool:
    return attempt.decision == Decision.RETRY or (
        attempt.decision == Decision.NEXT and attempt.cause == Cause.PROVIDER_DOWN
    )


def _backed_off(provider: UUID, attempts: Sequence[SmsAttempt]) -> Send:
    seconds = BACKOFF_SECONDS[min(len(attempts), len(BACKOFF_SECONDS)) - 1]
    return Send(provider, after=seconds, jitter=True)
