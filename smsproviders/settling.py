"""Nothing outlives its code: at its expiry a message is closed, and its text blanked."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from smsproviders.models import SmsMessage
from smsproviders.sending import moving

AT_ONCE = 500


def close_expired() -> int:
    """The number of messages that were closed. Idempotent, and safe beside another one."""
    return sum(_close(message_id) for message_id in _expired())


def _expired() -> list[UUID]:
    open_ones = SmsMessage.objects.filter(finished_at=None, expires_at__lte=timezone.now())
    return list(open_ones.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])


def _close(message_id: UUID) -> bool:
    with transaction.atomic():
        message = moving.lock(pk=message_id, finished_at=None)
        if message is not None:
            moving.close(message)
        return message is not None
