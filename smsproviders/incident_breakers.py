"""Open breakers as witnesses of an incident: what they keep from being sent can fail no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from smsproviders.incident_scope import Scope
from smsproviders.incident_sends import Send
from smsproviders.models import EVERY_COUNTRY, Breaker
from smsproviders.vocabulary import Cause

# One that no call probed for so long, since nothing is sent, says nothing about now.
HEARD_WITHIN = timedelta(minutes=10)
# A scope without a country is kept by the breaker of a whole account, or by several.
SEVERAL = 2


@dataclass(frozen=True, slots=True)
class LiveBreakers:
    rows: Sequence[Breaker]

    def are_within(self, scope: Scope) -> bool:
        """Whether a provider within the scope is left alone now."""
        if scope.prefix:
            return False
        found = [row for row in self.rows if scope.provider_id in (None, row.provider_id)]
        if scope.country:
            return any(row.country in (scope.country, EVERY_COUNTRY) for row in found)
        return len(found) >= SEVERAL or any(row.country == EVERY_COUNTRY for row in found)

    def attributed(self, send: Send) -> Send:
        """What died uncalled, for a breaker kept it, counts as a send by that provider."""
        if send.provider_id is not None or not send.failed or send.cause == Cause.NO_PROVIDER:
            return send
        for row in self.rows:
            if row.country in (send.country, EVERY_COUNTRY):
                return replace(send, provider_id=row.provider_id, error_code=row.error_code)
        return send


def live(breakers: Iterable[Breaker], now: datetime) -> LiveBreakers:
    since = now - HEARD_WITHIN
    return LiveBreakers([row for row in breakers if row.probe_at and row.probe_at > since])
