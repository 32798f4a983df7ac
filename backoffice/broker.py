"""Celery's connection to the broker, which comes back soon after the broker does.

Celery waits 2, 4, 6 and at last 30 s between two tries to reach a broker that was lost, and has no
setting for it. A code lives for some minutes only, and somebody waits for it.
"""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection

# Seconds between two tries: 1, then 2.
WAITS = {"interval_start": 1, "interval_step": 1, "interval_max": 2}


class PromptConnection(Connection):
    """Waits less than Celery would, where Celery does not say how long."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        return super().ensure_connection(*args, **{**WAITS, **options})


class Amqp(AMQP):
    Connection = BrokerConnection = PromptConnection
