"""A provider's messages per second, kept by all workers together: none is refused for speed.

Each message gets the next free moment. One that is near is waited for in the worker's thread, right
before the call, so that what the provider sees is evenly spaced. Otherwise the message goes back to
the queue with a place in the line: who comes back at his place goes before who is new.

The line is in Redis, moved by one script. When Redis does not answer, each process keeps its share
of the rate by itself for a while: sending never stops, nor waits, for its limiter.
"""

import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from uuid import UUID, uuid4

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

from backoffice.common.env import plain_redis_url
from smsproviders.backends import backend_class
from smsproviders.models import SmsProvider

# A call on a new connection is up to a quarter of a second longer on its way than others: at this
# pace even their arrivals keep under the rate in every second.
PACE = 0.8
NAP_SECONDS = 0.2
# Redis answers in a fraction of a millisecond, or is not well.
SOCKET_SECONDS = 0.1
PAUSE_SECONDS = 5.0
# Process ids are one host's own.
_HOST = uuid4().hex

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """`now`: call, after so many seconds. Else: come back after them; `placed`: in the line."""

    now: bool
    seconds: float
    placed: bool = False


def rate_of(provider: SmsProvider) -> float | None:
    """Messages per second; None: as many as there are."""
    return provider.messages_per_second or backend_class(provider.backend).default_rate


def ask(
    provider_id: UUID, rate: float, *, placed: bool = False, patience: float | None = None
) -> Turn:
    """The turn of one message. `placed`: it had a place in the line, and has come back.

    With `patience`, in seconds, it takes no place where the wait would be longer.
    """
    if _Shared.is_well:
        try:
            return _shared(provider_id, rate * PACE, placed, patience)
        except (RedisError, OSError) as error:
            logger.warning("no shared rate limiter", extra={"error": type(error).__name__})
            _leave_for_a_while()
    return _alone(provider_id, rate * PACE, placed, patience)


class _Shared:
    """Redis, as this process knows it; and who sent by a limited provider within a minute."""

    is_well = True
    processes = 1


def _leave_for_a_while() -> None:
    """Until a thread of its own finds that Redis answers: a name may take long to be looked up."""
    with _lock:
        if not _Shared.is_well:
            return
        _Shared.is_well = False
    threading.Thread(target=_come_back, name="rate limiter", daemon=True).start()


def _come_back() -> None:
    while not _Shared.is_well:
        time.sleep(PAUSE_SECONDS)
        with suppress(RedisError, OSError):
            # What was connected before is dead.
            _client().connection_pool.disconnect(inuse_connections=False)
            _Shared.is_well = bool(_client().ping())


# KEYS: the line, the processes. ARGV: seconds between two messages, the longest nap, 1 for one who
# comes back, the patience or "", this process. The clock is Redis's: one for all.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZADD', KEYS[2], now, ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60)
redis.call('EXPIRE', KEYS[2], 60)
local processes = redis.call('ZCARD', KEYS[2])
local interval, nap, placed = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local line = redis.call('HMGET', KEYS[1], 'free', 'last')
local free = math.max(tonumber(line[1] or 0), now)
local last = math.max(tonumber(line[2] or 0), free)
local answer
if free - now <= nap and (placed or last == free) then
    answer = {1, tostring(free - now), 0, processes}
    free = free + interval
    last = math.max(last, free)
elseif placed then
    return {0, tostring(free - now), 1, processes}
elseif ARGV[4] ~= '' and last - now > tonumber(ARGV[4]) then
    return {0, tostring(last - now), 0, processes}
else
    answer = {0, tostring(last - now), 1, processes}
    last = last + interval
end
local function exact(moment) return string.format('%.6f', moment) end
redis.call('HSET', KEYS[1], 'free', exact(free), 'last', exact(last))
redis.call('EXPIRE', KEYS[1], math.ceil(last - now) + 10)
return answer
"""


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        plain_redis_url(settings.REDIS_URL),
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


@cache
def _script() -> Script:
    return _client().register_script(_SCRIPT)


def _shared(provider_id: UUID, pace: float, placed: bool, patience: float | None) -> Turn:
    key = f"sms-rate:{{{provider_id}}}"
    now, seconds, in_line, processes = _script()(
        keys=[key, f"{key}:processes"],
        args=[
            1 / pace,
            NAP_SECONDS,
            int(placed),
            "" if patience is None else patience,
            f"{_HOST}-{os.getpid()}",
        ],
    )
    _Shared.processes = processes
    return Turn(bool(now), float(seconds), placed=bool(in_line))


@dataclass(slots=True)
class _Line:
    """What the script keeps in Redis, for this process alone. Moments are monotonic seconds."""

    free: float = 0.0
    last: float = 0.0


_lines: dict[UUID, _Line] = {}
_lock = threading.Lock()


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _Shared.is_well = True


os.register_at_fork(after_in_child=_after_fork)


def _alone(provider_id: UUID, pace: float, placed: bool, patience: float | None) -> Turn:
    """As the script, at this process's share of the rate."""
    interval = _Shared.processes / pace
    with _lock:
        line = _lines.setdefault(provider_id, _Line())
        now = time.monotonic()
        line.free = max(line.free, now)
        line.last = max(line.last, line.free)
        if line.free - now <= NAP_SECONDS and (placed or line.last == line.free):
            turn = Turn(True, line.free - now)
            line.free += interval
            line.last = max(line.last, line.free)
            return turn
        if placed:
            return Turn(False, line.free - now, placed=True)
        wait = line.last - now
        if patience is not None and wait > patience:
            return Turn(False, wait)
        line.last += interval
        return Turn(False, wait, placed=True)
