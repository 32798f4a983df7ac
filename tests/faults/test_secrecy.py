"""What a broker and a log would give away."""

import base64
import logging
import pickle
import re
import threading
from pathlib import Path
from typing import Any, Self

import pytest
import redis
from celery import current_app
from django.db import transaction
from kombu import Connection

from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcess
from tests.smsproviders.messages import queue
from tests.twilio_server import TwilioServer, http_error, slow, twilio_error

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

CODE, NUMBER = "739204", "+447700900555"


class Told(threading.Thread):
    """Every command that anybody gives to the broker, from the start until it is told to end."""

    def __init__(self, broker: "redis.Redis") -> None:
        super().__init__(daemon=True)
        self._broker = broker
        self._listening = threading.Event()
        self._over = False
        self.commands: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        assert self._listening.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._broker.ping()
        self.join(5)

    def run(self) -> None:
        with self._broker.monitor() as monitor:  # type: ignore[no-untyped-call]
            self._listening.set()
            while not self._over:
                self.commands.append(monitor.next_command()["command"])

    @property
    def text(self) -> str:
        """With what is in base64 also in clear, as Celery's bodies are."""
        text = "\n".join(self.commands)
        packed = [word for word in re.findall(r"[A-Za-z0-9+/=]{40,}", text) if len(word) % 4 == 0]
        return text + "\n".join(base64.b64decode(word).decode(errors="replace") for word in packed)


def send_with_trouble(twilio: TwilioServer) -> SmsMessage:
    """Refused, unknown, and taken at last: every way of the code that logs."""
    twilio.behave_next(twilio_error(20429), http_error(503), slow(1))
    with transaction.atomic():
        return queue(number=NUMBER, body=f"{CODE} is your Example security code.")


def test_s72_the_broker_is_told_no_code_and_no_number_during_a_send(
    worker: CeleryProcess, twilio: TwilioServer, broker: "redis.Redis"
) -> None:
    with Told(broker) as told:
        message = send_with_trouble(twilio)
        wait_until(lambda: SmsMessage.objects.get().state == MessageState.DELIVERED, within=15)
    assert str(message.pk) in told.text
    for secret in (CODE, NUMBER, NUMBER[1:], NUMBER[3:]):
        assert secret not in told.text


def test_s73_logs_at_debug_hold_no_code_number_or_credential(
    worker: CeleryProcess, twilio: TwilioServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        message = send_with_trouble(twilio)
        wait_until(lambda: SmsMessage.objects.get().state == MessageState.DELIVERED, within=15)
    assert str(message.attempts.first().pk) in worker.text  # type: ignore[union-attr]
    logs = worker.text + "".join(record.getMessage() for record in caplog.records)
    for secret in (CODE, NUMBER, NUMBER[1:], NUMBER[3:], twilio.account.auth_token):
        assert secret not in logs


class Bomb:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def test_s74_a_pickled_message_is_refused_and_the_worker_goes_on(
    worker: CeleryProcess, twilio: TwilioServer, tmp_path: Path
) -> None:
    trace = tmp_path / "unpickled"
    body = pickle.dumps([[Bomb(trace)], {}, {}])
    codes = current_app.amqp.queues["codes"]
    with Connection(current_app.conf.broker_url) as connection:
        connection.Producer().publish(
            body,
            exchange=codes.exchange,
            routing_key=codes.routing_key,
            declare=[codes],
            content_type="application/x-python-serialize",
            content_encoding="binary",
            headers={"task": "smsproviders.tasks.send", "id": "bomb", "lang": "py"},
        )
    worker.wait_for("Refusing to deserialize|ContentDisallowed", within=10)
    message = queue()
    wait_until(lambda: SmsMessage.objects.get(pk=message.pk).state == MessageState.DELIVERED)
    assert not trace.exists()
