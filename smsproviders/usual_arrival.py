"""How long a message usually takes on a route, for the page of whoever waits for it.

Kept for a minute in each process: a route is asked about once a minute, however many wait.
"""

import time
from datetime import timedelta
from uuid import UUID

from smsproviders.route_baseline import baseline

KEPT_SECONDS = 60.0
MOST = 1_000  # routes; beyond that all are asked about again

_kept: dict[tuple[UUID, str], tuple[float, timedelta | None]] = {}


def usual_arrival(provider_id: UUID, country: str) -> timedelta | None:
    """Within which nine of ten arrived; None where too few did to tell, or no receipts come."""
    route = (provider_id, country)
    kept = _kept.get(route)
    if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
        if len(_kept) >= MOST:
            _kept.clear()
        kept = _kept[route] = (time.monotonic(), _read(provider_id, country))
    return kept[1]


def forget() -> None:
    """Ask the database again next time."""
    _kept.clear()


def _read(provider_id: UUID, country: str) -> timedelta | None:
    known = baseline(provider_id, country)
    return known.nine_of_ten if known.gives_receipts else None
