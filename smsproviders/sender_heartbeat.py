"""Signs of life: a row for "some worker that sends codes", a row for beat."""

import logging
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.db import Error, connections
from django.utils import timezone

from smsproviders import clock_watch
from smsproviders.models import Heartbeat

EVERY_SECONDS = 5.0
QUEUE = "codes"

logger = logging.getLogger(__name__)


def beat(part: Heartbeat.Part) -> None:
    Heartbeat.objects.update_or_create(part=part, defaults={"at": timezone.now()})


class _Beating(threading.Thread):
    """In a thread of its own: the worker's beat must not wait for a free place in its pool."""

    def __init__(self) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.over = threading.Event()

    def run(self) -> None:
        while True:
            self._beat()
            if self.over.wait(EVERY_SECONDS):
                return

    def _beat(self) -> None:
        try:
            beat(Heartbeat.Part.WORKER)
            clock_watch.keep()
        except Error as error:
            logger.warning("no heartbeat", extra={"error": type(error).__name__})
        finally:
            connections.close_all()


_beating: _Beating | None = None


@worker_ready.connect
def begin(sender: Any, **_: object) -> None:
    """Only a worker that consumes codes speaks for those that send them."""
    global _beating
    if QUEUE in sender.app.amqp.queues.consume_from:
        _beating = _Beating()
        _beating.start()


@worker_shutting_down.connect
def end(**_: object) -> None:
    if _beating is not None:
        _beating.over.set()
