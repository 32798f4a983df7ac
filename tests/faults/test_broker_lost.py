"""Redis down, silent, or restarted with its queue lost: nothing is lost and no page waits."""

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from celery import current_app
from django.db import transaction

from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState
from tests.faults.conftest import publishing_to
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcesses
from tests.smsproviders.messages import queue
from tests.twilio_server import TwilioServer

if TYPE_CHECKING:
    from backoffice.development.valkey import Valkey

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def timed_queue() -> tuple[SmsMessage, float]:
    began = time.monotonic()
    with transaction.atomic():
        message = queue(reference=f"at-{began}")
    took = time.monotonic() - began
    message.refresh_from_db()
    return message, took


def test_a_silent_broker_costs_a_page_no_more_than_a_second_and_the_next_page_nothing(
    silent_broker: str, twilio: TwilioServer
) -> None:
    with publishing_to(silent_broker):
        message, took = timed_queue()
        _, took_next = timed_queue()
    assert took < 1.5
    assert took_next < 0.2
    assert (message.state, message.published_at) == (MessageState.QUEUED, None)


def test_what_a_dead_broker_lost_or_never_got_is_sent_once_when_it_is_back(
    own_valkey: "Valkey",
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, Any],
) -> None:
    with publishing_to(own_valkey.url):
        lost, _ = timed_queue()
        own_valkey.kill()
        kept, took = timed_queue()
        _, took_next = timed_queue()
        assert took < 1.5
        assert took_next < 0.2
        assert (lost.published_at is None, kept.published_at) == (False, None)
        own_valkey.start()
        for process in (celery_processes.worker, celery_processes.beat):
            process(wait=False, REDIS_URL=own_valkey.url, **variables)
        delivered = SmsMessage.objects.filter(state=MessageState.DELIVERED)
        wait_until(lambda: delivered.count() == 3, within=25)
    assert sorted(twilio.messages_by_destination().values()) == [3]
    assert SmsMessage.objects.filter(attempts__number__gt=1).count() == 0


def test_a_running_worker_comes_back_by_itself(
    own_valkey: "Valkey",
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, Any],
) -> None:
    worker = celery_processes.worker(REDIS_URL=own_valkey.url, **variables)
    celery_processes.beat(wait=False, REDIS_URL=own_valkey.url, **variables)
    own_valkey.kill()
    worker.wait_for("Connection to broker lost|Cannot connect")
    with publishing_to(own_valkey.url):
        message, _ = timed_queue()
        own_valkey.start()
        wait_until(lambda: twilio.messages, within=25)
    wait_until(lambda: SmsMessage.objects.get().state == MessageState.DELIVERED)
    assert message.published_at is None


def test_a_lost_broker_is_tried_every_two_seconds_and_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: None)
    waits: list[float] = []

    def note(error: Exception, wait: float) -> None:
        waits.append(wait)
        if len(waits) == 50:
            raise EnoughSeen

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with publishing_to(f"redis://127.0.0.1:{port}/0"), pytest.raises(EnoughSeen):
        # As Celery's workers and beat do.
        current_app.connection_for_read().ensure_connection(
            note, current_app.conf.broker_connection_max_retries
        )
    assert waits == [1, *[2] * 49]


class EnoughSeen(Exception):
    pass
