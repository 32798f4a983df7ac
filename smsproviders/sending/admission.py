"""Between a decision and its call: is there a place in this worker, a moment in the provider's
rate, and, where its breaker is open, the right to probe?
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from smsproviders import breakers, bulkheads, rate_limits
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.routing import Route
from smsproviders.sending.deciding import PROBE_SEEN
from smsproviders.sending.next_step import Held, Hold

# Rather another provider than a longer wait for this one.
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Go:
    """Call, after so many seconds."""

    after: float


class Admission:
    """Of one message, in one turn. `busy` holds the providers that were asked for nothing."""

    def __init__(self, message: SmsMessage, route: Route, *, now: datetime) -> None:
        self.message, self.route, self.now = message, route, now
        self.busy: dict[UUID, Held] = {}
        self._beyond_patience: dict[UUID, float] = {}

    def ask(self, provider: SmsProvider, attempt_id: UUID, *, has_other: bool) -> Go | Hold | None:
        """None: not this one, see what is left. `has_other`: another could be called instead."""
        wait = bulkheads.enter(provider.pk, limited=not self.route.alone)
        if wait is not None:
            self._note(provider.pk, wait)
            return None
        answer = self._ask_inside(provider, attempt_id, has_other=has_other)
        if not isinstance(answer, Go):
            bulkheads.leave()
        return answer

    def line_up(self, hold: Hold) -> Hold:
        """Nobody else is left: take the place in the line that was not wanted before."""
        provider = self.route.providers[hold.provider_id]
        rate = rate_limits.rate_of(provider)
        if provider.pk not in self._beyond_patience or not rate:
            return hold
        return self._placed(provider.pk, rate_limits.ask(provider.pk, rate))

    def _ask_inside(
        self, provider: SmsProvider, attempt_id: UUID, *, has_other: bool
    ) -> Go | Hold | None:
        turn = self._turn(provider, has_other=has_other)
        if turn.placed:
            return self._placed(provider.pk, turn)
        if not turn.now:
            self._note(provider.pk, turn.seconds)
            self._beyond_patience[provider.pk] = turn.seconds
            return None
        if not self._may_probe(provider, attempt_id):
            cause = self.route.breakers[provider.pk].cause
            self.busy[provider.pk] = Held(self.now + PROBE_SEEN, cause)
            return None
        self.message.in_line_for = None
        return Go(turn.seconds)

    def _turn(self, provider: SmsProvider, *, has_other: bool) -> rate_limits.Turn:
        rate = rate_limits.rate_of(provider)
        if not rate:
            return rate_limits.Turn(now=True, seconds=0.0)
        patience = (
            PATIENCE_SECONDS if has_other else min(self._beyond_patience.values(), default=None)
        )
        placed = self.message.in_line_for == provider.pk
        return rate_limits.ask(provider.pk, rate, placed=placed, patience=patience)

    def _may_probe(self, provider: SmsProvider, attempt_id: UUID) -> bool:
        if provider.pk not in self.route.breakers:
            return True
        return breakers.win_probe(provider.pk, self.message.country, attempt_id=attempt_id)

    def _placed(self, provider_id: UUID, turn: rate_limits.Turn) -> Hold:
        self.message.in_line_for = provider_id
        return Hold(provider_id, self.now + timedelta(seconds=turn.seconds))

    def _note(self, provider_id: UUID, seconds: float) -> None:
        self.busy[provider_id] = Held(self.now + timedelta(seconds=seconds))
