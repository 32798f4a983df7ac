"""A worker that dies, or is told to end, in the middle of a send."""

import base64
import time
from typing import Any

import pytest

from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState
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
    variables: dict[str, Any],
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


def test_a_worker_that_is_told_to_end_finishes_its_sends_and_gives_the_others_back(
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, Any],
) -> None:
    """Without beat: no sweeper helps."""
    twilio.behave(slow(1.5).calling(no_callbacks()))
    worker = celery_processes.worker(threads=2, **variables)
    messages = [queue(number=f"+44770090021{n}", reference=str(n)) for n in range(6)]
    twilio.wait_for_requests(2)
    worker.terminate()
    assert worker.exit_status == 0
    done = SmsAttempt.objects.filter(decision=Decision.DONE)
    assert done.count() == SmsAttempt.objects.count() >= 2
    twilio.behave(slow(0).calling(no_callbacks()))
    celery_processes.worker(wait=False, **variables)
    wait_until(lambda: done.count() == 6, within=15)
    assert twilio.sends_by_destination() == {message.number: 1 for message in messages}


def test_a_worker_without_the_key_leaves_its_messages_to_one_that_has_it(
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, Any],
) -> None:
    another_key = base64.urlsafe_b64encode(bytes(range(100, 132))).decode()
    keyless = celery_processes.worker("-Q", "codes", DATA_KEYS=another_key, **variables)
    message = queue()
    keyless.wait_for("refused a ciphertext")
    assert (message.attempts.count(), twilio.sends_by_destination()) == (0, {})
    SmsMessage.objects.update(published_at=None)  # as if ten seconds had passed
    keyless.hang()
    celery_processes.worker(wait=False, **variables)
    celery_processes.beat(wait=False, **variables)
    wait_until(lambda: SmsMessage.objects.get().state == MessageState.DELIVERED, within=25)
    assert outcomes_of(message) == [("Twilio", "done")]
    assert keyless.is_running
