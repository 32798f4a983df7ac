"""Many sends while workers are killed at random moments: none lost, none twice without a reason."""

import random
import time

import pytest

from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcesses
from tests.smsproviders.messages import queue
from tests.twilio_server import TwilioServer, no_callbacks, slow

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MESSAGES, KILLS = 80, 2
TAKEN = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)


@pytest.mark.timeout(180)
def test_no_message_is_lost_and_only_an_ambiguous_send_is_repeated(
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, str],
) -> None:
    twilio.behave(slow(0.3).calling(no_callbacks()))
    celery_processes.beat(wait=False, **variables)
    victims = [celery_processes.worker(threads=8, **variables)]
    for number in range(MESSAGES):
        queue(number=f"+4477009{number:05}", reference=str(number))
    for kill in range(KILLS):
        twilio.wait_for_requests((kill + 1) * MESSAGES // 5, timeout=40)
        time.sleep(random.uniform(0, 0.3))  # the moment is the point
        victims[-1].kill()
        victims.append(celery_processes.worker(threads=8, **variables))

    open_ones = SmsMessage.objects.exclude(state__in=[*TAKEN, MessageState.UNKNOWN])
    wait_until(lambda: not open_ones.exists(), within=60)
    received = twilio.messages_by_destination()
    taken = SmsMessage.objects.filter(state__in=TAKEN)
    assert {message.number for message in taken} <= set(received), "one was lost"
    twice = {number for number, count in received.items() if count > 1}
    doubtful = SmsAttempt.objects.filter(decision=Decision.AMBIGUOUS)
    assert twice <= set(doubtful.values_list("message__number", flat=True))
    assert max(received.values()) <= 2
