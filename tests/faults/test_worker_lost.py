"""A worker that dies, or is told to end, in the middle of a send."""

import time

import pytest

from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcesses
from tests.smsproviders.messages import outcomes_of, queue
from tests.twilio_server import TwilioServer, accept_then_hang, hang, no_callbacks, slow

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

UNSENT, TAKEN = "+447700900201", "+447700900202"


def test_a_send_that_a_killed_worker_left_is_resolved_within_15_seconds_without_a_duplicate(
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, str],
) -> None:
    twilio.behave_towards(UNSENT, hang())
    twilio.behave_towards(TAKEN, accept_then_hang().calling(no_callbacks()))
    victim = celery_processes.worker(**variables)
    messages = {number: queue(number=number, reference=number) for number in (UNSENT, TAKEN)}
    twilio.wait_for_requests(2)
    victim.kill()
    killed = time.monotonic()
    twilio.behave_towards(UNSENT, slow(0))
    celery_processes.worker(wait=False, **variables)
    celery_processes.beat(wait=False, **variables)

    taken = [MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED]
    resolved = SmsMessage.objects.filter(state__in=taken)
    wait_until(lambda: resolved.count() == 2, within=20)
    assert time.monotonic() - killed < 15.5
    assert twilio.messages_by_destination() == {UNSENT: 1, TAKEN: 1}
    assert outcomes_of(messages[TAKEN]) == [("Twilio", "done")]
    assert outcomes_of(messages[UNSENT]) == [("Twilio", "ambiguous"), ("Twilio", "done")]


def test_a_worker_that_is_told_to_end_finishes_its_send(
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, str],
) -> None:
    twilio.behave_next(slow(1.5))
    worker = celery_processes.worker(**variables)
    message = queue()
    twilio.wait_for_requests(1)
    worker.terminate()
    assert worker.exit_status == 0
    message.refresh_from_db()
    assert outcomes_of(message) == [("Twilio", "done")]
    assert twilio.sends_by_destination() == {message.number: 1}
