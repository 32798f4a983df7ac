"""Putting ids into the queues. The rows are the truth: failing here loses nothing.

A page must not wait for a dead broker, so after a failure this process leaves publishing to the
sweeper for a while.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from smsproviders.models import SmsMessage

PAUSE_SECONDS = 5.0
# A task must not come an instant before its row is due: it would find nothing to do.
GRACE = timedelta(milliseconds=50)

logger = logging.getLogger(__name__)


class _Pause:
    """Of this process. Two threads may both find the broker dead: harmless."""

    until = 0.0


def publish_on_commit(message: SmsMessage, *, after: float = 0.0) -> None:
    """`after` is in seconds. The message's `published_at` is saved in the same transaction."""
    due = timezone.now() + timedelta(seconds=after) + GRACE if after else None
    transaction.on_commit(
        lambda: publish(message.pk, due=due, expires_at=message.expires_at), robust=True
    )


def publish(message_id: UUID, *, due: datetime | None = None, expires_at: datetime) -> None:
    """What the broker does not take is marked for the sweeper."""
    later = {"eta": due} if due else {}
    if not put("send", message_id, expires=expires_at, **later):
        SmsMessage.objects.filter(pk=message_id).update(published_at=None)


def put(task: str, identifier: UUID, **options: Any) -> bool:
    """Whether the broker took the task of smsproviders/tasks.py; never raises for the broker."""
    if time.monotonic() < _Pause.until:
        return False
    try:
        # By its name: a web process need not import what workers do.
        current_app.send_task(f"smsproviders.tasks.{task}", (str(identifier),), **options)
    except (OperationalError, RedisError, OSError) as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning(
            "the broker did not take a task",
            extra={"task": task, "id": str(identifier), "error": type(error).__name__},
        )
        return False
    return True
