"""PostgreSQL is restarted, in the middle of a send and beside it."""

import pytest

from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from tests.services import session
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcess
from tests.smsproviders.messages import queue
from tests.twilio_server import TwilioServer, no_callbacks, slow

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

IN_FLIGHT, LATER = "+447700900701", "+447700900702"
TAKEN = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)


def test_a_worker_outlives_a_restart_of_the_database_and_keeps_the_answer_of_its_call(
    worker: CeleryProcess, twilio: TwilioServer
) -> None:
    before = queue(number="+447700900700", reference="before")
    wait_until(lambda: twilio.messages_by_destination()[before.number] == 1)
    twilio.behave_towards(IN_FLIGHT, slow(2).calling(no_callbacks()))
    queue(number=IN_FLIGHT, reference="in flight")
    wait_until(lambda: twilio.sends_by_destination()[IN_FLIGHT] == 1)
    session.restart_postgres()
    queue(number=LATER, reference="later")
    taken = SmsMessage.objects.filter(number__in=[IN_FLIGHT, LATER], state__in=TAKEN)
    # By far sooner, unless the machine is so busy that the call ends before the restart does.
    wait_until(lambda: taken.count() == 2, within=30)
    assert twilio.messages_by_destination() == {before.number: 1, IN_FLIGHT: 1, LATER: 1}
