"""At most half of a worker's threads are in calls of one provider: one that hangs stops no other.

A call may take ten seconds. Without a limit, a provider that hangs has every thread of a worker
within a moment, long before its breaker opens, and messages of other providers wait as well. Whose
message finds no place takes its next provider, or goes back to the queue for a while.

It is always half, not only while a provider is seen to be slow: by then the threads are gone. A
provider that is alone has nobody to protect, and gets them all. Neither is there a limit where a
process makes one call at a time (Celery's prefork pool): hence the pool of threads for senders.
"""

import threading
import time
from typing import Any
from uuid import UUID

from celery.signals import celeryd_after_setup

# A message that finds no place looks again after this at least, and at most.
SOONEST_SECONDS = 0.05
LATEST_SECONDS = 5.0
SHARED_BY_THREADS = frozenset({"thread", "gevent", "eventlet"})


class _Calls:
    """Of this process: who is in a call of which provider, since when; one thread, one call."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.threads: int | None = None
        self.running: dict[int, tuple[UUID, float]] = {}
        # When the message that was turned away last may look again, by provider.
        self.last: dict[UUID, float] = {}


_calls = _Calls()


@celeryd_after_setup.connect
def know_the_pool(instance: Any, **_: object) -> None:
    kind = instance.pool_cls.__module__.rpartition(".")[2]
    _calls.threads = instance.concurrency if kind in SHARED_BY_THREADS else None


def enter(provider_id: UUID, *, limited: bool) -> float | None:
    """None: this thread has a place until it leaves. Else the seconds after which to look again."""
    now = time.monotonic()
    with _calls.lock:
        ages = [now - since for one, since in _calls.running.values() if one == provider_id]
        places = max(1, _calls.threads // 2) if limited and _calls.threads else None
        if places is None or len(ages) < places:
            _calls.running[threading.get_ident()] = (provider_id, now)
            return None
        # So spaced as places become free, judged by the calls under way: on average they are half
        # done. Those who are turned away must not keep the other half of the threads busy.
        spacing = 2 * sum(ages) / len(ages) / places
        last = max(_calls.last.get(provider_id, 0.0), now + SOONEST_SECONDS) + spacing
        _calls.last[provider_id] = min(last, now + LATEST_SECONDS)
        return _calls.last[provider_id] - now


def leave() -> None:
    """Harmless for a thread that has no place."""
    with _calls.lock:
        _calls.running.pop(threading.get_ident(), None)
