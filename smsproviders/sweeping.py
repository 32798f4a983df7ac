"""The sweeper: what waits and is in no queue, as far as we know, is put there again.

A broker that lost its queue, a publish that failed, a countdown that died with its worker and a
lease that ran out all look the same here: due, and not published of late.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from smsproviders import publishing
from smsproviders.models import SmsMessage

# A backlog in the queue is no loss: what was published is left in peace for this long.
PUBLISHED_LATELY = timedelta(seconds=10)
AT_ONCE = 500


def requeue() -> int:
    """The number of messages put into the queue. Two sweeps at once share the work."""
    now = timezone.now()
    # Of the living only, by an index of those: however large the table grows, and however much in
    # it is dead and not yet vacuumed.
    waiting = SmsMessage.objects.filter(
        Q(published_at=None) | Q(published_at__lt=now - PUBLISHED_LATELY),
        finished_at=None,
        next_attempt_at__lte=now,
        expires_at__gt=now,
    )
    with transaction.atomic():
        locked = waiting.select_for_update(skip_locked=True).order_by("next_attempt_at")
        found = list(locked.values_list("pk", "expires_at")[:AT_ONCE])
        SmsMessage.objects.filter(pk__in=[pk for pk, _ in found]).update(published_at=now)
    for pk, expires_at in found:
        publishing.publish(pk, expires_at=expires_at)
    return len(found)
