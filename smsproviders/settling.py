"""Nothing outlives its code: at its expiry a message is closed, and its text blanked."""

import logging
from uuid import UUID

from django.db import Error, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from smsproviders.models import SmsMessage
from smsproviders.models.message import UNSETTLED
from smsproviders.sending import moving

AT_ONCE = 500
# Without decrypting it.
HAS_TEXT = ExpressionWrapper(~Q(body=""), output_field=BooleanField())

logger = logging.getLogger(__name__)


def close_expired() -> int:
    """The number of messages that were closed. Idempotent, and safe beside another one.

    A text that outlived its message, by whatever fault, is blanked as well.
    """
    return sum(_close_by_itself(message_id) for message_id in _expired())


def _expired() -> list[UUID]:
    unsettled = SmsMessage.objects.filter(UNSETTLED, expires_at__lte=timezone.now())
    return list(unsettled.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])


def _close_by_itself(message_id: UUID) -> bool:
    """One that cannot be closed now must not keep the later ones open."""
    try:
        return _close(message_id)
    except Error as error:
        facts = {"message_id": str(message_id), "error": type(error).__name__}
        logger.error("a message could not be closed", extra=facts)
        return False


def _close(message_id: UUID) -> bool:
    """Passes over a message that somebody holds: it is met again in two seconds.

    Looked up by its key alone: with UNSETTLED as well, PostgreSQL may read all of those for each.
    """
    rows = SmsMessage.objects.select_for_update(of=("self",), skip_locked=True)
    with transaction.atomic():
        message = rows.annotate(has_text=HAS_TEXT).filter(pk=message_id).first()
        if message is None:
            return False
        if message.finished_at is None:
            moving.close(message)
            return True
        if message.has_text:
            SmsMessage.objects.filter(pk=message_id).update(body="")
            logger.error("a text outlived its message", extra={"message_id": str(message_id)})
        return bool(message.has_text)
