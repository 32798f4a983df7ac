"""What the client's page is told about a code on its way."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clients.models import Client
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.signals import message_moved
from smsproviders.vocabulary import Cause, MessageState
from tests.twofa import people
from tests.twofa.people import BINDING
from twofa import challenges
from twofa.models import Challenge
from twofa.results import Started, Status
from twofa.vocabulary import Delivery, FactorKind, Purpose, Trouble

pytestmark = pytest.mark.django_db
NOW = "2026-11-24T10:00:05Z"


@pytest.fixture
def challenge() -> Challenge:
    user = people.client()
    people.sms(user)
    started = challenges.start(
        user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=BINDING
    )
    assert isinstance(started, Started)
    return started.challenge


def status(challenge: Challenge, **message: object) -> Status:
    SmsMessage.objects.update(**message)
    return challenges.status(challenge)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (MessageState.QUEUED, Delivery.WAITING),
        (MessageState.SENDING, Delivery.SENDING),
        (MessageState.ACCEPTED, Delivery.HANDED_OVER),
        (MessageState.SENT, Delivery.HANDED_OVER),
        (MessageState.DELIVERED, Delivery.DELIVERED),
        (MessageState.UNKNOWN, Delivery.UNCONFIRMED),
        (MessageState.UNDELIVERED, Delivery.NOT_DELIVERED),
        (MessageState.FAILED, Delivery.NOT_DELIVERED),
        (MessageState.EXPIRED, Delivery.NOT_DELIVERED),
    ],
)
def test_every_state_has_its_word(
    challenge: Challenge, state: MessageState, told: Delivery
) -> None:
    assert status(challenge, state=state).delivery is told


@pytest.mark.parametrize(
    "state", [MessageState.QUEUED, MessageState.SENDING, MessageState.ACCEPTED]
)
def test_what_takes_over_ten_seconds_is_delayed(challenge: Challenge, state: MessageState) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=11), tick=False):
        assert status(challenge, state=state).delivery is Delivery.DELAYED


@pytest.mark.parametrize("cause", [*Cause, ""])
def test_every_cause_becomes_one_of_five_troubles(challenge: Challenge, cause: str) -> None:
    told = status(challenge, state=MessageState.FAILED, cause=cause).trouble
    expected: dict[str, Trouble] = {
        Cause.NUMBER_INVALID: Trouble.NUMBER,
        Cause.OPTED_OUT: Trouble.OPTED_OUT,
        Cause.HANDSET_UNREACHABLE: Trouble.UNREACHABLE,
        Cause.CARRIER_BLOCKED: Trouble.NETWORK,
        Cause.CREDENTIALS_REJECTED: Trouble.OURS,
    }
    assert isinstance(told, Trouble)
    assert told is expected.get(cause, told)


def test_it_shows_the_numbers_end_the_sender_and_when_to_ask_again(challenge: Challenge) -> None:
    message = SmsMessage.objects.get()
    SmsAttempt.objects.create(message=message, number=1, provider_caption="A", sender="Acme")
    shown = challenges.status(challenge)
    assert (shown.ending, shown.sender, shown.is_live) == ("••78", "Acme", True)
    assert shown.sent_at == challenge.last_sent_at
    assert shown.sent_at is not None
    assert shown.resend_from is not None
    assert shown.resend_from - shown.sent_at == timedelta(seconds=30)
    assert challenge.code not in repr(shown)
    assert "612345678" not in repr(shown)


def test_an_authenticator_has_nothing_on_its_way() -> None:
    user = people.client()
    people.authenticator(user)
    started = challenges.start(
        user, factor=FactorKind.AUTHENTICATOR, purpose=Purpose.SIGN_IN, binding=BINDING
    )
    assert isinstance(started, Started)
    shown = challenges.status(started.challenge)
    assert (shown.delivery, shown.trouble, shown.resend_from, shown.ending) == (None,) * 3 + ("",)


def moved(reference: str, state: MessageState) -> bool:
    """Whether the client's row says *trouble* after this news."""
    message_moved.send(None, message_id=None, reference=reference, state=state, cause="")
    return Client.objects.get().last_trouble_at is not None


def test_a_message_that_fails_is_trouble_of_its_client(challenge: Challenge) -> None:
    reference = str(challenge.pk)
    assert not moved("test:1", MessageState.FAILED)
    assert not moved("", MessageState.FAILED)
    assert not moved(reference, MessageState.DELIVERED)
    assert moved(reference, MessageState.FAILED)


def test_a_message_withdrawn_after_its_code_was_typed_is_none(challenge: Challenge) -> None:
    Challenge.objects.update(consumed_at=timezone.now())
    assert not moved(str(challenge.pk), MessageState.EXPIRED)
    Challenge.objects.update(consumed_at=None, superseded_at=timezone.now())
    assert not moved(str(challenge.pk), MessageState.EXPIRED)
