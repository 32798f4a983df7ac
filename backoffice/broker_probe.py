"""Does the broker answer? Asked for by health checks, so it must never take long.

Socket timeouts do not bound the look-up of a host name, and the name of a stopped container may
take many seconds to be refused. So the question runs in a thread that is left behind when it is
late, and there is one such thread at most: whoever asks meanwhile waits for the same answer.
"""

import threading

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from backoffice.common.env import plain_redis_url

SOCKET_SECONDS = 0.4
PATIENCE_SECONDS = 0.7

_guard = threading.Lock()
_latest: "_Probe | None" = None


def answers() -> bool:
    probe = _running_or_new()
    probe.join(PATIENCE_SECONDS)
    return probe.answered


def _running_or_new() -> "_Probe":
    global _latest
    with _guard:
        if _latest is None or not _latest.is_alive():
            _latest = _Probe(settings.REDIS_URL)
            _latest.start()
        return _latest


class _Probe(threading.Thread):
    def __init__(self, url: str) -> None:
        super().__init__(name="broker probe", daemon=True)
        self.url = plain_redis_url(url)
        self.answered = False

    def run(self) -> None:
        try:
            with redis.Redis.from_url(
                self.url,
                socket_timeout=SOCKET_SECONDS,
                socket_connect_timeout=SOCKET_SECONDS,
                retry=Retry(NoBackoff(), 0),
            ) as client:
                self.answered = bool(client.ping())
        except (redis.RedisError, OSError):
            self.answered = False
