"""Putting a message's id into the queue. The row is the truth: failing here loses nothing.

A page must not wait for a dead broker, so after a failure this process leaves publishing to the
sweeper for a while.
"""

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from smsproviders.models import SmsMessage

PAUSE_SECONDS = 5.0
# Celery's own errors, the transport's, and those of a socket.
BROKER_ERRORS = (OperationalError, RedisError, OSError)

logger = logging.getLogger(__name__)


class _Pause:
    """Of this process. Two threads may both find the broker dead: harmless."""

    until = 0.0


def publish_on_commit(message: SmsMessage, *, after: float = 0.0) -> None:
    """`after` is in seconds. The message's `published_at` must be saved with the same commit."""
    due = timezone.now() + timedelta(seconds=after)
    publish_this = partial(publish, message.pk, due=due, expires_at=message.expires_at)
    transaction.on_commit(publish_this, robust=True)


def publish(message_id: UUID, *, due: datetime, expires_at: datetime) -> bool:
    """False, and the row is left to the sweeper, when the broker does not take it."""
    if time.monotonic() < _Pause.until or not _put(message_id, due=due, expires_at=expires_at):
        SmsMessage.objects.filter(pk=message_id).update(published_at=None)
        return False
    return True


def _put(message_id: UUID, *, due: datetime, expires_at: datetime) -> bool:
    from smsproviders.tasks import send  # tasks import the whole of sending

    later = {"eta": due} if due > timezone.now() else {}
    try:
        send.apply_async((str(message_id),), expires=expires_at, **later)
    except BROKER_ERRORS as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning(
            "the broker did not take a message; the sweeper will",
            extra={"message_id": str(message_id), "error": type(error).__name__},
        )
        return False
    return True
