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
    message = moving.lock(message_id)
    if message is None or message.next_attempt_at is None:
        return None
    return _leased(message, uuid4()) if message.next_attempt_at <= timezone.now() else None


def renew(held: SmsMessage) -> SmsMessage | None:
    """As it is now; None when the lease is ours no more. Else it begins anew, saved as above."""
    message = moving.lock(held.pk)
    return _leased(message, held.lease) if message and message.lease == held.lease else None


def _leased(message: SmsMessage, lease: UUID | None) -> SmsMessage:
    message.lease, message.next_attempt_at = lease, timezone.now() + LEASE
    return message
