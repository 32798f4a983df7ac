"""One worker at a time has a message: taken under its row's lock, with a lease that ends by itself.

The end of the lease stands in `next_attempt_at`: when a worker dies, its message is due again then,
like any other. The token keeps a worker that was stopped for longer from going on.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from smsproviders.models import SmsMessage
from smsproviders.sending import moving

# Longer than the total deadline of one call.
LEASE = timedelta(seconds=12)


def claim(message_id: UUID) -> SmsMessage | None:
    """The message under its lock; None when it is not due, which includes: another worker has it.

    The lease is saved with what the worker decides, in the caller's transaction: `turns.begin`.
    """
    message = moving.lock(pk=message_id, next_attempt_at__lte=timezone.now())
    return _leased(message, uuid4()) if message else None


def renew(held: SmsMessage) -> SmsMessage | None:
    """As it is now; None when the lease is ours no more. Else it begins anew, saved as above."""
    message = moving.lock(pk=held.pk, lease=held.lease)
    return _leased(message, held.lease) if message else None


def _leased(message: SmsMessage, lease: UUID | None) -> SmsMessage:
    message.lease, message.next_attempt_at = lease, timezone.now() + LEASE
    return message
