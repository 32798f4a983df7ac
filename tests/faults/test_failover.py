"""The first provider fails in every way there is: the code arrives by the second, soon and once."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, MessageState
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcess
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import outcomes_of, queue
from tests.twilio_server import (
    TwilioServer,
    drip,
    hang,
    http_error,
    refuse_before_answer,
    twilio_error,
)
from tests.vonage_server import VonageServer

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

FAULTS = {
    "+447700900601": twilio_error(20003),  # 401
    "+447700900602": twilio_error(20005),  # no funds
    "+447700900603": http_error(503),
    "+447700900604": refuse_before_answer(),
    "+447700900605": hang(),
    "+447700900606": drip().accepting(False),
}
# The first there is the gateway that refuses connections.
REFUSED = "+33612345678"
SOON = timedelta(seconds=15)


@pytest.fixture
def gateway_that_is_down(nobody_listens: str, settings: Settings) -> SmsProvider:
    host, _, port = nobody_listens.rpartition(":")
    settings.HTTP_PROVIDER_ALLOWED_HOSTS = [(host, int(port))]
    provider = SmsProvider(
        caption="Gateway", name="gateway", backend="http", enabled=True, priority=0,
        countries=["FR"], senders={"": "Example"},
    )  # fmt: skip
    provider.credentials = {
        "url": f"http://{nobody_listens}/messages",
        "template": '{"to": "%TO%", "from": "%FROM%", "text": "%TEXT%"}',
        "id_path": "id",
    }
    provider.save()
    return provider


def arrived(vonage: VonageServer, numbers: set[str]) -> bool:
    return {number for number, sends in vonage.sends_by_destination().items() if sends} >= numbers


def test_whatever_the_first_provider_does_the_code_arrives_by_the_second_once(
    worker: CeleryProcess,
    twilio: TwilioServer,
    vonage: VonageServer,
    make_vonage_provider: MakeProvider,
    gateway_that_is_down: SmsProvider,
) -> None:
    make_vonage_provider(priority=20)
    for number, fault in FAULTS.items():
        twilio.behave_towards(number, fault)
    messages = [queue(number=number, reference=number) for number in FAULTS]
    refused = queue(number=REFUSED, reference=REFUSED)
    wait_until(lambda: arrived(vonage, set(FAULTS)), within=30)

    assert dict(vonage.sends_by_destination()) == dict.fromkeys(FAULTS, 1)
    assert all(count == 1 for count in twilio.sends_by_destination().values())
    assert set(twilio.messages_by_destination()) == {REFUSED}
    assert outcomes_of(refused) == [("Gateway", "next"), ("Twilio", "done")]
    for message in [*messages, refused]:
        assert called_last(message) - message.created_at < SOON
        assert message.attempts.count() == 2


def called_last(message: SmsMessage) -> datetime:
    return message.attempts.latest("number").started_at


@pytest.mark.parametrize(
    ("code", "cause"),
    [(20003, Cause.CREDENTIALS_REJECTED), (20005, Cause.ACCOUNT_SUSPENDED)],
)
def test_with_both_down_the_message_ends_failed_and_says_why(
    worker: CeleryProcess,
    twilio: TwilioServer,
    make_twilio_provider: MakeProvider,
    code: int,
    cause: Cause,
) -> None:
    make_twilio_provider(caption="Other", name="other", priority=20)
    twilio.behave(twilio_error(code))
    message = queue()

    def ended() -> bool:
        message.refresh_from_db()
        return message.finished_at is not None

    wait_until(ended, within=15)
    assert (message.state, message.cause, message.body) == (MessageState.FAILED, cause, "")
    assert outcomes_of(message) == [("Twilio", "next"), ("Other", "next")]
    assert timezone.now() - message.created_at < timedelta(seconds=60)
