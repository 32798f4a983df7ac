"""One worker at a time has a message: a conditional update, with a lease that ends by itself.

The end of the lease stands in `next_attempt_at`: when a worker dies, its message is due again then,
like any other. The token keeps a worker that was stopped for longer from going on.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from smsproviders.models import SmsMessage

# Longer than the total deadline of one call.
LEASE = timedelta(seconds=12)


@dataclass(frozen=True, slots=True)
class Claim:
    message_id: UUID
    lease: UUID


def claim(message_id: UUID) -> Claim | None:
    """None when it is not due, which includes: another worker has it."""
    now = timezone.now()
    made = Claim(message_id, uuid4())
    won = SmsMessage.objects.filter(pk=message_id, next_attempt_at__lte=now).update(
        lease=made.lease, next_attempt_at=now + LEASE
    )
    return made if won else None


def renew(held: Claim) -> bool:
    """Whether the lease was still ours; it then begins anew."""
    mine = SmsMessage.objects.filter(pk=held.message_id, lease=held.lease)
    return bool(mine.update(next_attempt_at=timezone.now() + LEASE))
