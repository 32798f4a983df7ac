"""Paused routes, as asking for a code meets them, and what the client is told."""

import pytest
from django.utils import timezone

from clients.models import Client
from smsproviders import pause_review, pauses
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from tests.smsproviders.sent_codes import a_code, codes
from tests.twofa import people
from tests.twofa.asking import client_with_sms, enrolling, outcome, refusal
from tests.twofa.pages import Person
from tests.twofa.people import PASSWORD
from twofa.models import SendRequest, SmsConfirmation
from twofa.results import SendRefused
from twofa.views.refusals import box_for_send
from twofa.vocabulary import Purpose, SendOutcome

pytestmark = pytest.mark.django_db
HELD = "+33612345678"


def test_s60_a_paused_prefix_gets_no_codes_and_its_neighbours_do() -> None:
    codes(30)
    (pause,) = pause_review.review()
    refused = refusal(client_with_sms())
    assert (refused.outcome, refused.allowed_from) == (SendOutcome.PREFIX_PAUSED, pause.ends_at)
    assert SmsMessage.objects.count() == 30
    assert SendRequest.objects.get().outcome == SendOutcome.PREFIX_PAUSED
    assert Client.objects.get().last_trouble_at is not None
    assert outcome(client_with_sms("bob@example.com", "+33698765432")) == SendOutcome.QUEUED


def test_s60_a_paused_country() -> None:
    for prefix in ("+3361111", "+3362222", "+3363333"):
        codes(30, prefix)
    pause_review.review()
    assert outcome(client_with_sms("bob@example.com", "+33698765432")) == SendOutcome.COUNTRY_PAUSED
    assert outcome(client_with_sms("eva@example.com", "+4917612345678")) == SendOutcome.QUEUED


def test_a_prefix_that_a_provider_suspects_is_held() -> None:
    message = a_code(HELD, state=MessageState.FAILED)
    pauses.hold(message, message.attempts.create(number=1, error_code="30450"))
    assert outcome(enrolling(), purpose=Purpose.ENROL) == SendOutcome.FRAUD_HOLD


def test_whose_code_was_typed_before_signs_in_all_the_same() -> None:
    codes(30)
    pause_review.review()
    known, new = client_with_sms(), client_with_sms("new@example.com", "+33612349999")
    SmsConfirmation.objects.filter(user=known).update(last_used_at=timezone.now())
    assert outcome(known) == SendOutcome.QUEUED
    assert outcome(new) == SendOutcome.PREFIX_PAUSED


def test_the_client_reads_what_to_do_and_until_when_and_no_suspicion() -> None:
    codes(30)
    (pause,) = pause_review.review()
    ann = people.client(password=PASSWORD)
    person = Person().sign_in(ann.email).open("/security/sms/").submit("phone", HELD)
    told = person.page.text("error")
    assert "SMS to this number is not possible at the moment" in told
    assert "authenticator" in told
    assert f"{pause.ends_at:%H:}" in told
    assert "fraud" not in person.html.lower()
    assert "paused" not in person.html.lower()


@pytest.mark.parametrize("outcome", [one for one in SendOutcome if one != SendOutcome.QUEUED])
def test_every_refusal_has_words_of_its_own_kind(outcome: SendOutcome) -> None:
    problem = box_for_send(SendRefused(outcome, timezone.now()))
    assert problem.title
    assert problem.title != "No code was sent"
    assert problem.until is not None
    words = f"{problem.title} {problem.text}".lower()
    assert not {"fraud", "suspect", "money", "paused"} & set(words.replace(".", "").split())
