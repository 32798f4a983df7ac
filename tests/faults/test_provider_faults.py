"""A provider that is busy, down, silent or slow; one real worker for all."""

import io
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command

from smsproviders.models import DeliveryReport, SmsMessage
from smsproviders.queue_health import queue_health
from smsproviders.vocabulary import Cause, MessageState
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcess
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import outcomes_of, queue
from tests.smsproviders.outgoing import PHONE
from tests.twilio_server import (
    TwilioServer,
    drip,
    hang,
    no_callbacks,
    ok,
    reordered,
    twice,
    twilio_error,
)
from tests.twofa import people
from twofa import challenges
from twofa.vocabulary import FactorKind, Purpose

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

SILENT, DRIPPING = "+447700900301", "+447700900302"


def wait_for(message: SmsMessage, *states: str, within: float = 12) -> SmsMessage:
    def there() -> bool:
        message.refresh_from_db()
        return message.state in states

    wait_until(there, within=within)
    return message


def test_a_code_leaves_at_once_and_its_reports_come_back(
    worker: CeleryProcess, twilio: TwilioServer
) -> None:
    message = wait_for(queue(), MessageState.DELIVERED)
    assert twilio.messages_by_destination() == {PHONE: 1}
    assert message.delivered_at
    assert (message.delivered_at - message.created_at).total_seconds() < 5
    assert set(DeliveryReport.objects.values_list("raw_status", flat=True)) >= {"sent", "delivered"}


@pytest.mark.parametrize("manner", [twice(), reordered()], ids=["twice", "reordered"])
def test_reports_twice_and_reordered_lead_to_the_same_state(
    worker: CeleryProcess, twilio: TwilioServer, manner: Any
) -> None:
    twilio.behave(ok().calling(manner))
    message = wait_for(queue(), MessageState.DELIVERED)
    twilio.wait_until_idle()
    assert all(delivery.response_status in {200, 204} for delivery in twilio.callbacks)
    message.refresh_from_db()
    assert message.state == MessageState.DELIVERED
    statuses = DeliveryReport.objects.values_list("raw_status", flat=True)
    assert len(statuses) == len(set(statuses))


def test_a_task_delivered_twice_is_one_sms(worker: CeleryProcess, twilio: TwilioServer) -> None:
    message = queue()
    for _ in range(5):
        current_app.send_task("smsproviders.tasks.send", (str(message.pk),))
    wait_for(message, MessageState.DELIVERED)
    assert twilio.sends_by_destination() == {PHONE: 1}


def test_a_busy_provider_is_tried_again_then_the_next(
    worker: CeleryProcess, twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="Other", name="other", priority=20)
    twilio.behave_next(twilio_error(20429), twilio_error(20429))
    message = wait_for(queue(), MessageState.DELIVERED)
    assert outcomes_of(message) == [("Twilio", "retry"), ("Twilio", "retry"), ("Other", "done")]


def test_a_provider_that_is_down_is_left_for_the_next_at_once(
    worker: CeleryProcess, twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="Other", name="other", priority=20)
    twilio.behave_next(twilio_error(20503))
    message = wait_for(queue(), MessageState.DELIVERED, within=4)
    assert outcomes_of(message) == [("Twilio", "next"), ("Other", "done")]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (20003, Cause.CREDENTIALS_REJECTED),
        (20005, Cause.ACCOUNT_SUSPENDED),
        (21211, Cause.NUMBER_INVALID),
    ],
)
def test_what_trying_again_does_not_mend_is_sent_once_and_an_operator_sees_the_cause_at_once(
    worker: CeleryProcess, twilio: TwilioServer, code: int, cause: Cause
) -> None:
    twilio.behave(twilio_error(code))
    user = people.client()
    people.sms(user)
    challenges.start(user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=people.BINDING)
    message = wait_for(SmsMessage.objects.get(), MessageState.FAILED, within=5)
    assert message.cause == cause
    assert twilio.sends_by_destination() == {people.NUMBER: 1}
    # The command says what the client's page in the Back Office says.
    told = io.StringIO()
    call_command("diagnose", user.email, "--json", stdout=told)
    assert json.loads(told.getvalue())["findings"][0]["cause"] == cause


def test_a_task_older_than_its_code_is_dropped(worker: CeleryProcess, twilio: TwilioServer) -> None:
    worker.hang()
    message = queue(lives=0.3)
    time.sleep(0.4)  # the worker cannot be told another time
    worker.resume()
    message = wait_for(message, MessageState.EXPIRED)
    assert (message.cause, message.body) == (Cause.EXPIRED_BEFORE_SENDING, "")
    assert twilio.sends_by_destination() == {}


def test_a_silent_and_a_dripping_provider_end_at_the_deadline_and_hold_up_nobody(
    worker: CeleryProcess, twilio: TwilioServer
) -> None:
    twilio.behave_towards(SILENT, hang())
    twilio.behave_towards(DRIPPING, drip().calling(no_callbacks()))
    stuck = [queue(number=number, reference=number) for number in (SILENT, DRIPPING)]
    twilio.wait_for_requests(2)
    for other in [queue(number=f"+4477009004{n:02}", reference=str(n)) for n in range(8)]:
        wait_for(other, MessageState.DELIVERED)
    for message in stuck:
        assert outcomes_of(message) == [("Twilio", "")], "the others waited for it"

    twilio.behave_towards(SILENT, ok())
    for message in stuck:
        wait_for(message, MessageState.DELIVERED, within=16)
        first = message.attempts.order_by("number").first()
        assert first
        assert first.duration_ms
        assert 7_000 < first.duration_ms < 11_000
    # The dripping one had taken it, and says so when asked; the silent one had not.
    assert twilio.messages_by_destination()[DRIPPING] == 1
    assert twilio.messages_by_destination()[SILENT] == 1


def test_the_parts_tell_that_they_are_alive(worker: CeleryProcess) -> None:
    def all_are_well() -> bool:
        health = queue_health()
        return health.worker_is_well and health.beat_is_well and health.queue_is_well

    wait_until(all_are_well, within=12)
    assert queue_health().oldest_waits < timedelta(seconds=10)
