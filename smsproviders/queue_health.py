"""Is the sending machinery alive? Facts from the database alone, for health checks and pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
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


def queue_health() -> QueueHealth:
    """Two small reads; nothing is asked of the broker."""
    seen = dict(Heartbeat.objects.values_list("part", "at"))
    return QueueHealth(
        worker_seen_at=seen.get(Heartbeat.Part.WORKER),
        beat_seen_at=seen.get(Heartbeat.Part.BEAT),
        oldest_waits=_oldest_wait(),
    )


def _oldest_wait() -> timedelta:
    now = timezone.now()
    alive = SmsMessage.objects.filter(finished_at=None, expires_at__gt=now)
    due: datetime | None = alive.filter(next_attempt_at__lte=now).aggregate(
        first=Min("next_attempt_at")
    )["first"]
    return now - due if due else timedelta()


def _is_recent(moment: datetime | None) -> bool:
    return moment is not None and timezone.now() - moment < SILENCE
