"""What to do next for a message, from what its attempts came to. Decides only; tested as a table.

The table of errors says what one answer means (`Decision`); this says what follows from all of
them: at most three attempts, over at most two providers, within a minute of the first, and never
after the code's life. A provider that is to be left alone for now is passed over; when there is no
other, the message waits for it while it has time.
"""

from collections.abc import Mapping, Sequence
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
class Held:
    """A provider must not be called before that moment.

    `cause` is why, where that is a fault of the provider (its breaker is open); "" where it is only
    busy.
    """

    until: datetime
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Look again then: this provider is wanted, and must be left alone until that moment."""

    provider_id: UUID
    until: datetime
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to send now: a call is running, or a provider took it and its reports may tell."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing to send any more. `cause`: why nobody could be asked at all, when that is known."""

    cause: str = ""


Step = Send | Hold | Wait | GiveUp


def next_step(
    attempts: Sequence[SmsAttempt],
    *,
    route: Sequence[UUID],
    now: datetime,
    expires_at: datetime,
    held: Mapping[UUID, Held] | None = None,
    held_since: datetime | None = None,
) -> Step:
    """`attempts` in their order; `route` holds the ids of the providers, the first to try first.

    `held_since`: since when all of them are `held` by faults of theirs.
    """
    if is_under_way(attempts):
        return Wait()
    held = {one: why for one, why in (held or {}).items() if why.until > now}
    step: Step = _step(attempts, [one for one in route if one not in held])
    if isinstance(step, GiveUp):
        step = _first_to_be_free(attempts, route, held, now) or step
    began = held_since or now if isinstance(step, Hold) and step.cause else None
    end = end_of_sending(attempts, expires_at=expires_at, began=began)
    match step:
        case Send() if now + timedelta(seconds=step.after) + SHORTEST_CALL > end:
            return GiveUp("" if attempts else Cause.EXPIRED_BEFORE_SENDING)
        case Hold() if step.until + SHORTEST_CALL > end:
            return GiveUp(step.cause)
    return step


def is_under_way(attempts: Sequence[SmsAttempt]) -> bool:
    """A call is running, or a provider has it."""
    return any(is_taken(attempt) or not attempt.decision for attempt in attempts)


def is_taken(attempt: SmsAttempt) -> bool:
    """The provider has it, and did not report that it failed."""
    failed = attempt.progress in TERMINAL_PROGRESS - {Progress.DELIVERED}
    return attempt.decision == Decision.DONE and not failed


def end_of_sending(
    attempts: Sequence[SmsAttempt], *, expires_at: datetime, began: datetime | None = None
) -> datetime:
    """When the last call must be over.

    The minute counts from the first attempt, or from when every provider was found to be down; not
    from the row: a message that waited for the broker, or for its turn, is sent as long as its code
    lives.
    """
    began = attempts[0].started_at if attempts else began
    return min(began + WINDOW, expires_at) if began else expires_at


def _first_to_be_free(
    attempts: Sequence[SmsAttempt],
    route: Sequence[UUID],
    held: Mapping[UUID, Held],
    now: datetime,
) -> Hold | None:
    """Of the providers that would be called if they were free."""
    free = [one for one in route if one not in held]
    for provider in sorted((one for one in route if one in held), key=lambda one: held[one].until):
        step = _step(attempts, [*free, provider])
        if isinstance(step, Send):
            until = max(held[provider].until, now + timedelta(seconds=step.after))
            return Hold(provider, until, held[provider].cause)
    return None


def _step(attempts: Sequence[SmsAttempt], route: Sequence[UUID]) -> Send | GiveUp:
    if not attempts:
        return Send(route[0]) if route else GiveUp()
    return _after(attempts, route)


def _after(attempts: Sequence[SmsAttempt], route: Sequence[UUID]) -> Send | GiveUp:
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
        case _:
            return Send(untried[0]) if untried else _back_to_one_that_was_down(attempts, route)


def _untried(attempts: Sequence[SmsAttempt], route: Sequence[UUID]) -> list[UUID]:
    tried = {attempt.provider_id for attempt in attempts}
    if len(tried) >= MAX_PROVIDERS:
        return []
    return [provider for provider in route if provider not in tried]


def _once_more(last: SmsAttempt, untried: Sequence[UUID], route: Sequence[UUID]) -> Send | GiveUp:
    """By another provider, else by the same, and only if asking does not settle it."""
    same = [provider for provider in route if provider == last.provider_id]
    for provider in (*untried, *same):
        return Send(provider, after=WAIT_FOR_REPORT_SECONDS, ask_first=last.id)
    return GiveUp()


def _same_then_next(
    attempts: Sequence[SmsAttempt], untried: Sequence[UUID], route: Sequence[UUID]
) -> Send | GiveUp:
    provider = attempts[-1].provider_id
    calls = sum(attempt.provider_id == provider for attempt in attempts)
    if calls > 1 and untried:
        return Send(untried[0])
    if provider in route and provider is not None:
        return _backed_off(provider, attempts)
    return Send(untried[0]) if untried else _back_to_one_that_was_down(attempts, route)


def _back_to_one_that_was_down(
    attempts: Sequence[SmsAttempt], route: Sequence[UUID]
) -> Send | GiveUp:
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
