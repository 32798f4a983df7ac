"""Is the sending machinery alive? Facts from the database alone, for health checks and pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils import timezone

from smsproviders.models import Heartbeat, SmsMessage

# Both beat every 5 s; a missed one is no news yet.
SILENCE = timedelta(seconds=20)
LONG_WAIT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """Moments are None when a part was never seen.

    `beat_seen_at` comes by way of the broker and a worker: without those it stands still too.
    """

    worker_seen_at: datetime | None
    beat_seen_at: datetime | None
    # How long the message that waits longest is overdue; zero when none waits.
    oldest_waits: timedelta

    @property
    def worker_is_well(self) -> bool:
        return _is_recent(self.worker_seen_at)

    @property
    def beat_is_well(self) -> bool:
        return _is_recent(self.beat_seen_at)

    @property
    def queue_is_well(self) -> bool:
        return self.oldest_waits < LONG_WAIT


# Nothing is known of it.
UNSEEN = QueueHealth(None, None, timedelta())


def queue_health() -> QueueHealth:
    """Two small reads; nothing is asked of the broker."""
    now = timezone.now()
    due = waiting(now).aggregate(first=Min("next_attempt_at"))["first"]
    return health_of(dict(Heartbeat.objects.values_list("part", "at")), due, now=now)


def waiting(now: datetime) -> QuerySet[SmsMessage]:
    """Messages that a worker should have taken by now."""
    return SmsMessage.objects.filter(finished_at=None, expires_at__gt=now, next_attempt_at__lte=now)


def health_of(
    seen: Mapping[str, datetime], oldest_due: datetime | None, *, now: datetime
) -> QueueHealth:
    return QueueHealth(
        worker_seen_at=seen.get(Heartbeat.Part.WORKER),
        beat_seen_at=seen.get(Heartbeat.Part.BEAT),
        oldest_waits=now - oldest_due if oldest_due else timedelta(),
    )


def _is_recent(moment: datetime | None) -> bool:
    return moment is not None and timezone.now() - moment < SILENCE
