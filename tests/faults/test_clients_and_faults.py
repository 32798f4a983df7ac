"""What clients feel: both providers down, a factor disabled while its code is checked, a clock that
is wrong or steps back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from clients.models import User, UserSession
from smsproviders import settling
from smsproviders.models import SmsMessage
from smsproviders.sending.delivering import deliver
from smsproviders.vocabulary import MessageState
from tests.services.threads import run_together
from tests.smsproviders.conftest import MakeProvider
from tests.twilio_server import (
    TwilioServer,
    http_error,
    no_callbacks,
    refuse_before_answer,
    twilio_error,
)
from tests.twofa import people
from tests.twofa.pages import Person
from tests.twofa.people import PASSWORD, app_code, try_code
from twofa import resets
from twofa.models import Authenticator, Challenge
from twofa.models.reset import ResetScope
from twofa.results import ResetDone

pytestmark = pytest.mark.faults
NOW = datetime.fromisoformat("2026-11-24T10:00:05Z")


@pytest.fixture
def ann(transactional_db: None) -> User:
    return people.client(password=PASSWORD)


def followed_to_its_end(message: SmsMessage, clock: Any) -> SmsMessage:
    """As workers do each time it is due, and the settling task at its expiry."""
    while message.next_attempt_at is not None:
        clock.move_to(max(message.next_attempt_at, timezone.now()))
        deliver(message.pk)
        message.refresh_from_db()
    return message


@pytest.mark.parametrize(
    ("fault", "state", "told"),
    [
        (twilio_error(20003), MessageState.FAILED, "not_delivered"),
        (twilio_error(20503), MessageState.FAILED, "not_delivered"),
        (twilio_error(20429), MessageState.FAILED, "not_delivered"),
        (http_error(503), MessageState.UNKNOWN, "unconfirmed"),
        (refuse_before_answer(), MessageState.UNKNOWN, "unconfirmed"),
    ],
    ids=["401", "down", "busy", "503", "cut"],
)
def test_with_both_providers_down_the_page_says_so_within_a_minute_and_offers_the_app(
    ann: User,
    twilio: TwilioServer,
    make_twilio_provider: MakeProvider,
    fault: Any,
    state: str,
    told: str,
) -> None:
    make_twilio_provider(priority=1)
    make_twilio_provider(caption="Other", name="other", priority=2)
    twilio.behave(fault.calling(no_callbacks()))
    people.authenticator(ann)
    people.sms(ann)
    with time_machine.travel(NOW, tick=False) as clock:
        person = Person().sign_in(ann.email).open("/sign-in/other/").press("way", "sms")
        message = followed_to_its_end(SmsMessage.objects.get(), clock)
        assert timezone.now() - message.created_at < timedelta(seconds=60)
        assert message.state == state
        challenge = Challenge.objects.get(factor="sms")
        line = person.http.get(f"/challenges/{challenge.pk}/status").json()
        assert line["state"] == told
        assert "authenticator app" in person.open("/sign-in/verify/").page.text("not-received")
        clock.move_to(message.expires_at + timedelta(seconds=1))
        settling.close_expired()
    message.refresh_from_db()
    assert (message.state, message.body) == (state, "")
    assert message.finished_at is not None


@pytest.mark.parametrize("turn", range(6))
def test_of_a_code_and_a_disabling_at_the_same_instant_one_wins_and_no_session_survives(
    ann: User, turn: int
) -> None:
    device, desk = people.authenticator(ann), people.operator()
    person = Person().sign_in(ann.email)

    def act(index: int) -> object:
        if index == turn % 2:
            return person.submit("code", app_code(device)).path
        return resets.disable(
            ann, ResetScope.ALL, operator=desk, reason="Phone stolen", client_request=True
        )

    outcomes = run_together(2, act)
    assert isinstance(outcomes[1 - turn % 2], ResetDone)
    assert not isinstance(outcomes[turn % 2], Exception)
    assert not Authenticator.objects.exists()
    assert not UserSession.objects.filter(ended_at=None).exists()
    assert person.open("/security/").path.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(-90, "incorrect"), (-30, "accepted"), (30, "accepted"), (90, "incorrect")],
)
def test_a_clock_half_a_minute_off_signs_in_and_one_that_is_a_minute_and_a_half_off_does_not(
    ann: User, seconds: int, outcome: str
) -> None:
    device = people.authenticator(ann)
    shown = app_code(device, at=NOW)
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        assert try_code(ann, shown) == outcome


def test_a_clock_that_steps_back_accepts_no_code_again(ann: User) -> None:
    device = people.authenticator(ann)
    with time_machine.travel(NOW, tick=False) as clock:
        used = app_code(device)
        before = app_code(device, steps=-1)
        assert try_code(ann, used) == "accepted"
        clock.shift(-30)
        assert [try_code(ann, code) for code in (used, before)] == ["reused", "reused"]
        clock.shift(-60)
        assert [try_code(ann, code) for code in (used, before)] == ["incorrect", "incorrect"]
        clock.shift(90 + 30)
        assert try_code(ann, app_code(device)) == "accepted"
