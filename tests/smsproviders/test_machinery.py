"""Worker, queue and clock in one question say what each says alone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from smsproviders import clock_watch, machinery, sender_heartbeat
from smsproviders.models import ClockReading, Heartbeat
from smsproviders.queue_health import queue_health
from tests.smsproviders.messages import queue

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_system_that_never_ran_has_nothing_to_tell() -> None:
    assert machinery.state() == (queue_health(), None)


def test_it_tells_the_same_as_each_question_alone(django_assert_num_queries: object) -> None:
    sender_heartbeat.beat(Heartbeat.Part.WORKER)
    for source, offset in (("database", 12_000), ("providers", -300)):
        ClockReading.objects.create(source=source, offset_ms=offset, off_since=timezone.now())
    queue()
    with time_machine.travel(timezone.now() + timedelta(seconds=12), tick=False):
        with django_assert_num_queries(1):  # type: ignore[operator]
            health, clock = machinery.state()
        assert health == queue_health()
        assert clock == clock_watch.state()
    assert health.worker_seen_at is not None
    assert not health.queue_is_well
    assert clock is not None
    assert (clock.is_off, clock.is_confirmed) == (True, True)
