"""The wait between two codes: for what was sent to that number, not for a fault of ours."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clients.models import User
from smsproviders import settling
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from tests.twofa import people
from tests.twofa.asking import ask, client_with_sms, move_all, outcome, refusal
from tests.twofa.pages import Person, code_by_sms
from tests.twofa.people import NUMBER, PASSWORD
from twofa import challenges
from twofa.models import SmsConfirmation
from twofa.results import Started
from twofa.vocabulary import SendOutcome

pytestmark = pytest.mark.django_db
COOLDOWN, QUEUED = SendOutcome.COOLDOWN, SendOutcome.QUEUED


@pytest.fixture
def ann(db: None) -> User:
    return client_with_sms()


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (MessageState.FAILED, QUEUED),
        (MessageState.EXPIRED, QUEUED),
        (MessageState.QUEUED, COOLDOWN),
        (MessageState.SENDING, COOLDOWN),
        (MessageState.UNKNOWN, COOLDOWN),
        (MessageState.ACCEPTED, COOLDOWN),
        (MessageState.SENT, COOLDOWN),
        (MessageState.DELIVERED, COOLDOWN),
        (MessageState.UNDELIVERED, COOLDOWN),
    ],
)
def test_only_what_never_left_is_not_waited_for(
    ann: User, state: MessageState, found: SendOutcome
) -> None:
    ask(ann)
    move_all(state)
    assert outcome(ann) == found


def test_what_a_provider_took_and_lost_is_waited_for(ann: User) -> None:
    ask(ann)
    SmsMessage.objects.update(state=MessageState.FAILED, accepted_at=timezone.now())
    assert outcome(ann) == COOLDOWN


def test_what_expired_in_our_queue_is_neither_waited_for_nor_makes_the_next_wait_longer(
    ann: User,
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(ann)
        clock.shift(301)
        settling.close_expired()
        assert SmsMessage.objects.get().state == MessageState.EXPIRED
        started = ask(ann)
        assert isinstance(started, Started)
        assert started.resend_from == timezone.now() + timedelta(seconds=30)
        assert challenges.status(started.challenge).resend_from == started.resend_from


def test_the_caps_hold_though_nothing_left(ann: User) -> None:
    for _ in range(5):
        assert outcome(ann) == QUEUED
        move_all(MessageState.FAILED)
    assert outcome(ann) == SendOutcome.CAP_NUMBER


def test_waits_grow_with_what_was_sent(ann: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for wait in (30, 60, 120, 300, 300):
            begun = timezone.now()
            assert outcome(ann) in {QUEUED, SendOutcome.CAP_NUMBER}
            move_all(MessageState.DELIVERED)
            refused = refusal(ann)
            if refused.outcome == COOLDOWN:
                assert refused.allowed_from == begun + timedelta(seconds=wait)
            clock.shift(wait)


def test_a_mistyped_number_is_corrected_without_a_wait() -> None:
    bob = people.client(password=PASSWORD)
    person = Person().sign_in(bob.email).open("/security/sms/").submit("phone", "+33612345679")
    person.open("/security/sms/?number=edit").submit("phone", NUMBER)
    assert "••78" in person.html
    person.submit("code", code_by_sms(bob))
    assert str(SmsConfirmation.objects.get(confirmed=True).number) == NUMBER
    assert not SmsMessage.objects.filter(number="+33612345679").exclude(body="").exists()


def test_going_back_to_the_first_number_waits_for_its_first_message() -> None:
    bob = people.client(password=PASSWORD)
    person = Person().sign_in(bob.email).open("/security/sms/").submit("phone", NUMBER)
    move_all(MessageState.SENT)
    person.open("/security/sms/?number=edit").submit("phone", "+33612345679")
    person.open("/security/sms/?number=edit").submit("phone", NUMBER)
    assert "too soon" in person.page.text("error")
