"""The next step of a message by its route as it is now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from smsproviders import routing
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.sending.next_step import Held, Step, Wait, is_under_way, next_step

# What comes of a probe that another message makes is known soon.
PROBE_SEEN = timedelta(seconds=2)


def decide(message: SmsMessage, attempts: Sequence[SmsAttempt], now: datetime) -> Step:
    """Reads the route only where it matters."""
    if is_under_way(attempts):
        return Wait()
    return by_route(message, attempts, routing.route_of(message), now=now)


def by_route(
    message: SmsMessage,
    attempts: Sequence[SmsAttempt],
    route: routing.Route,
    *,
    now: datetime,
    busy: Mapping[UUID, Held] | None = None,
) -> Step:
    """`busy`: providers that this worker found to have no room."""
    broken = {pk: _held_by(one, now) for pk, one in route.breakers.items()}
    return next_step(
        attempts,
        route=list(route.providers),
        now=now,
        expires_at=message.expires_at,
        held={**broken, **(busy or {})},
        held_since=message.held_since,
    )


def _held_by(breaker: routing.OpenBreaker, now: datetime) -> Held:
    until = breaker.probe_at
    return Held(min(until, now + PROBE_SEEN) if breaker.is_probed else until, breaker.cause)
