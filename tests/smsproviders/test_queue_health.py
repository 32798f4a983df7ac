"""Signs of life, and how long messages wait."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from smsproviders import sender_heartbeat
from smsproviders.models import Heartbeat
from smsproviders.queue_health import queue_health
from smsproviders.tasks import heartbeat
from tests.smsproviders.messages import deliver_now, queue

pytestmark = pytest.mark.django_db(transaction=True)


def test_parts_that_were_never_seen_are_not_well() -> None:
    health = queue_health()
    assert (health.worker_seen_at, health.beat_seen_at) == (None, None)
    assert not health.worker_is_well
    assert not health.beat_is_well
    assert health.queue_is_well


def test_a_part_is_well_until_it_falls_silent() -> None:
    heartbeat()
    sender_heartbeat.beat(Heartbeat.Part.WORKER)
    assert queue_health().beat_is_well
    assert queue_health().worker_is_well
    with time_machine.travel(timezone.now() + timedelta(seconds=21)):
        assert not queue_health().beat_is_well
        assert not queue_health().worker_is_well
        heartbeat()
        assert queue_health().beat_is_well


def test_the_message_that_waits_longest_is_told() -> None:
    queue()
    with time_machine.travel(timezone.now() + timedelta(seconds=12), tick=False):
        queue()
        health = queue_health()
    assert timedelta(seconds=11) < health.oldest_waits < timedelta(seconds=13)
    assert not health.queue_is_well


def test_what_is_not_due_waits_for_nobody() -> None:
    deliver_now(queue())  # without a provider: failed
    assert queue_health().oldest_waits == timedelta()
