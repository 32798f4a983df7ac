"""The tasks by which Celery drives sending; run here as a worker would."""

from types import SimpleNamespace

import pytest
import time_machine
from celery import current_app

from smsproviders import sender_heartbeat, tasks
from smsproviders.models import Heartbeat, SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState
from tests.services.waiting import wait_until
from tests.smsproviders.messages import queue
from tests.twilio_server import TwilioServer, no_callbacks, ok

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_tasks_take_a_message_from_the_outbox_to_its_conversion(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave(ok().calling(no_callbacks()))
    message = queue()
    SmsMessage.objects.update(published_at=None)
    tasks.sweep()
    tasks.send(str(message.pk))
    twilio.wait_until_idle()
    tasks.ask(str(message.attempts.get().pk))
    message.refresh_from_db()
    assert message.published_at
    assert message.state == MessageState.DELIVERED
    tasks.confirm(str(message.pk))
    assert [sent.feedback for sent in twilio.messages] == ["confirmed"]


def test_settling_closes_what_expired_and_asks_for_the_rest(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave(ok().calling(no_callbacks()))
    message = queue()
    tasks.send(str(message.pk))
    with time_machine.travel(message.expires_at):
        tasks.settle()
    message.refresh_from_db()
    assert message.finished_at
    assert message.attempts.get().ask_at is None


def test_the_providers_are_checked(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    tasks.check_providers()
    twilio_provider.refresh_from_db()
    assert twilio_provider.credentials_result == "ok"


def test_every_task_has_a_queue_that_exists() -> None:
    queues = set(current_app.conf.task_queues)
    routes = current_app.conf.task_routes
    schedule = current_app.conf.beat_schedule
    assert {route["queue"] for route in routes.values()} <= queues
    assert {entry["options"]["queue"] for entry in schedule.values()} <= queues
    names = {entry["task"] for entry in schedule.values()} | set(routes)
    ours = {name for name in names if name.startswith("smsproviders.")}
    assert ours <= set(current_app.tasks)


def test_a_worker_that_sends_codes_shows_that_it_lives() -> None:
    sender_heartbeat.begin(sender=SimpleNamespace(app=current_app))
    try:
        wait_until(lambda: Heartbeat.objects.filter(part=Heartbeat.Part.WORKER).exists())
    finally:
        sender_heartbeat.end()
    assert sender_heartbeat._beating
    sender_heartbeat._beating.join(10)
    assert not sender_heartbeat._beating.is_alive()


def test_a_worker_of_other_queues_does_not_speak_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    queues = SimpleNamespace(consume_from={"notices": None})
    monkeypatch.setattr(sender_heartbeat, "_beating", None)
    worker = SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))
    sender_heartbeat.begin(sender=worker)
    sender_heartbeat.end()
    assert sender_heartbeat._beating is None
