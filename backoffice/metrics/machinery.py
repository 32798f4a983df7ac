"""Our own parts: broker, worker, beat, the queues, the clock."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import Metric

from backoffice import broker_probe
from backoffice.metrics.families import age, ages, gauge, gauges
from smsproviders import clock_watch
from smsproviders.models import ClockReading, SmsMessage
from smsproviders.queue_health import queue_health
from smsproviders.vocabulary import FINAL_STATES, MessageState
from twofa.models import Notice


def without_the_database(*, database_answers: bool) -> Iterator[Metric]:
    yield gauge("database_up", "1: the database answered.", database_answers)
    yield gauge("broker_up", "1: Redis answered within a second.", broker_probe.answers())


def machinery() -> Iterator[Metric]:
    """Five small queries."""
    queue = queue_health()
    yield gauges(
        "heartbeat_age_seconds",
        "Since a worker that sends codes, and beat by way of broker and worker, was last seen.",
        ["part"],
        ages([("worker", queue.worker_seen_at), ("beat", queue.beat_seen_at)]),
    )
    yield gauge(
        "queue_oldest_wait_seconds",
        "How long the message that waits longest for a worker is overdue; 0: none waits.",
        queue.oldest_waits.total_seconds(),
    )
    yield _unfinished()
    yield from _notices()
    yield gauges(
        "clock_offset_seconds",
        "Our clock minus another one, as compared within the last hour.",
        ["source"],
        [((row.source,), row.offset_ms / 1000) for row in _readings()],
    )


def _unfinished() -> Metric:
    """By the index of unfinished messages, which is as long as what goes on."""
    alive = SmsMessage.objects.filter(finished_at=None, expires_at__gt=timezone.now())
    counted = dict(alive.order_by().values_list("state").annotate(n=Count("pk")))
    return gauges(
        "messages_unfinished",
        "Messages whose code still lives and that are not at their end, by state.",
        ["state"],
        [
            ((state.value,), counted.get(state.value, 0))
            for state in MessageState
            if state not in FINAL_STATES
        ],
    )


def _notices() -> Iterator[Metric]:
    waiting = Notice.objects.filter(finished_at=None).order_by()
    found = waiting.aggregate(n=Count("pk"), first=Min("created_at"))
    yield gauge("notices_waiting", "E-mails that have not left yet.", found["n"])
    yield gauge(
        "notices_oldest_wait_seconds",
        "Since the oldest e-mail that has not left was asked for; 0: none waits.",
        age(found["first"]) or 0,
    )


def _readings() -> list[ClockReading]:
    since = timezone.now() - clock_watch.FRESH
    return list(ClockReading.objects.filter(at__gt=since).order_by("source"))
