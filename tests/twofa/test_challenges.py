"""Asking for a code: one message however often, within limits, and every refusal on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import Client, User
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from tests.services.threads import run_together
from tests.twofa import people
from tests.twofa.people import BINDING, NUMBER, sent_code, try_code
from twofa import challenge_life, challenges, send_limits
from twofa.models import Challenge, SendRequest, VerificationState
from twofa.results import SendRefused, Started
from twofa.vocabulary import FactorKind, Purpose, SendOutcome

NOW = "2026-11-24T10:00:05Z"
OTHER = "c" * 64


def ask(user: User, *, binding: str = BINDING, **changes: object) -> Started | SendRefused:
    facts: dict[str, Any] = {"factor": FactorKind.SMS, "purpose": Purpose.SIGN_IN, **changes}
    return challenges.start(user, binding=binding, **facts)  # type: ignore[arg-type]


def refusal(user: User, **changes: object) -> SendRefused:
    result = ask(user, **changes)  # type: ignore[arg-type]
    assert isinstance(result, SendRefused), result
    return result


def client_with_sms(email: str = "ann@example.com", number: str = NUMBER) -> User:
    user = people.client(email)
    people.sms(user, number)
    return user


def test_s56_20_parallel_sends_give_one_sms(transactional_db: None) -> None:
    user = client_with_sms()
    results = run_together(20, lambda _: ask(user))
    assert sum(isinstance(result, Started) for result in results) == 1
    assert SmsMessage.objects.count() == 1
    assert Challenge.objects.count() == 1
    assert SendRequest.objects.filter(outcome=SendOutcome.COOLDOWN).count() == 19


def test_s56_also_from_20_sessions(transactional_db: None) -> None:
    user = client_with_sms()
    run_together(20, lambda i: ask(user, binding=f"{i:064}"))
    assert SmsMessage.objects.count() == 1


def test_s57_a_cap_holds_against_many_users_at_once(transactional_db: None) -> None:
    users = [client_with_sms(f"u{i}@example.com", f"+3361234{i:04}") for i in range(16)]

    def one(i: int) -> object:
        with people.asking_from("192.0.2.7"):
            return ask(users[i])

    results = run_together(16, one)
    assert sum(isinstance(result, Started) for result in results) == 10
    assert SmsMessage.objects.count() == 10


@pytest.mark.django_db
def test_it_queues_a_message_for_the_life_of_the_code() -> None:
    user = client_with_sms()
    with time_machine.travel(NOW, tick=False):
        started = ask(user)
        assert isinstance(started, Started)
        challenge, message = started.challenge, SmsMessage.objects.get()
        assert challenge.expires_at == timezone.now() + timedelta(seconds=300)
        assert started.resend_from == timezone.now() + timedelta(seconds=30)
    assert (message.number, message.country, message.purpose) == (NUMBER, "FR", "sign_in")
    assert message.expires_at == challenge.expires_at
    assert message.reference == str(challenge.pk)
    assert message.body == (
        f"{challenge.code} is your Back Office sign-in code. Never tell it to anyone."
        f"\n\n@127.0.0.1 #{challenge.code}"
    )
    assert len(challenge.public_reference) == 9


@pytest.mark.django_db
def test_a_resend_gives_the_same_code_while_it_lives_with_growing_waits() -> None:
    user = client_with_sms()
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        for wait in (30, 60, 120):
            clock.shift(wait - 1)
            SmsMessage.objects.update(state=MessageState.SENT, accepted_at=timezone.now())
            refused = refusal(user)
            assert refused.outcome == SendOutcome.COOLDOWN
            assert refused.allowed_from == timezone.now() + timedelta(seconds=1)
            assert refused.challenge is not None
            clock.shift(1)
            assert sent_code(user) == code
    challenge = Challenge.objects.get()
    assert challenge.sends == 4
    assert challenge.expires_at - challenge.created_at == timedelta(seconds=300)
    # What was not sent when it was asked for again does not go out twice.
    assert SmsMessage.objects.filter(finished_at=None).count() == 1


@pytest.mark.django_db
def test_a_code_that_is_about_to_die_is_not_sent_again(set_policy: Callable[..., None]) -> None:
    user = client_with_sms()
    set_policy(resend_delays="1")
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        clock.shift(271)
        started = ask(user)
        assert isinstance(started, Started)
        assert Challenge.objects.count() == 2
        assert (started.challenge.code, Challenge.objects.earliest("id").code) != (code, code)


@pytest.mark.django_db
def test_a_new_session_does_not_shorten_the_wait() -> None:
    user = client_with_sms()
    sent_code(user)
    refused = refusal(user, binding=OTHER)
    assert refused.outcome == SendOutcome.COOLDOWN
    assert refused.challenge is None  # that of another session


@pytest.mark.django_db
def test_after_a_right_code_the_next_may_be_asked_for_at_once() -> None:
    user = client_with_sms()
    assert try_code(user, sent_code(user), FactorKind.SMS) == "accepted"
    assert isinstance(ask(user, purpose=Purpose.STEP_UP), Started)


@pytest.mark.django_db
def test_s57_s59_caps_by_number_hold_though_each_code_is_typed() -> None:
    user = client_with_sms()
    with time_machine.travel(NOW, tick=False) as clock:
        first = timezone.now()
        for _ in range(5):
            assert try_code(user, sent_code(user), FactorKind.SMS) == "accepted"
            clock.shift(60)
        refused = refusal(user)
        assert (refused.outcome, refused.allowed_from) == (
            SendOutcome.CAP_NUMBER,
            first + timedelta(hours=1),
        )
        clock.move_to(first + timedelta(hours=1))
        for _ in range(5):
            assert try_code(user, sent_code(user), FactorKind.SMS) == "accepted"
            clock.shift(3600)
        refused = refusal(user)
        assert refused.outcome == SendOutcome.CAP_NUMBER
        assert refused.allowed_from == first + timedelta(days=1)


@pytest.mark.django_db
def test_s57_caps_by_address_count_an_ipv6_network_as_one() -> None:
    for i in range(10):
        with people.asking_from(f"2001:db8:0:1::{i + 1:x}"):
            ask(client_with_sms(f"u{i}@example.com", f"+336123{i}5678"))
    with people.asking_from("2001:db8:0:1:ffff::1"):
        last = client_with_sms("last@example.com", "+33698765432")
        assert refusal(last).outcome == SendOutcome.CAP_ADDRESS
    with people.asking_from("2001:db8:0:2::1"):
        assert isinstance(ask(last), Started)


@pytest.mark.django_db
def test_s57_caps_by_prefix_stop_numbers_side_by_side() -> None:
    for i in range(20):
        with people.asking_from(f"192.0.2.{i}"):
            ask(client_with_sms(f"u{i}@example.com", f"+3361234{i:04}"))
    last = client_with_sms("last@example.com", "+33612349999")
    assert refusal(last).outcome == SendOutcome.CAP_PREFIX


@pytest.mark.django_db
def test_s58_countries_are_closed_unless_allowed(set_policy: Callable[..., None]) -> None:
    user = client_with_sms(number="+5352345678")  # Cuba
    refused = refusal(user)
    assert (refused.outcome, refused.allowed_from) == (SendOutcome.COUNTRY_CLOSED, None)
    assert not SmsMessage.objects.exists()
    request = SendRequest.objects.get()
    assert (request.outcome, request.country) == (SendOutcome.COUNTRY_CLOSED, "CU")
    assert Client.objects.get().last_trouble_at is not None
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome) == ("twofa.send_refused", "refused")
    set_policy(allowed_countries="cu, FR")
    assert isinstance(ask(user), Started)


@pytest.mark.django_db
def test_s19_nothing_is_sent_while_locked() -> None:
    user = client_with_sms()
    until = timezone.now() + timedelta(minutes=15)
    VerificationState.objects.create(user=user, failures=5, locked_until=until)
    refused = refusal(user)
    assert (refused.outcome, refused.allowed_from) == (SendOutcome.LOCKED, until)
    people.authenticator(user)
    assert refusal(user, factor=FactorKind.AUTHENTICATOR).outcome == SendOutcome.LOCKED


@pytest.mark.django_db
def test_a_method_that_is_off_is_not_asked(set_policy: Callable[..., None]) -> None:
    user = client_with_sms()
    set_policy(methods="authenticator")
    assert refusal(user).outcome == SendOutcome.METHOD_OFF


@pytest.mark.django_db
def test_without_a_factor_there_is_nothing_to_ask() -> None:
    user = people.client()
    assert refusal(user).outcome == SendOutcome.NO_NUMBER
    assert refusal(user, factor=FactorKind.AUTHENTICATOR).outcome == SendOutcome.METHOD_OFF
    with pytest.raises(ValueError, match="not asked for"):
        ask(user, factor=FactorKind.RECOVERY)


@pytest.mark.django_db
def test_s37_enrolling_sends_to_the_new_number_signing_in_to_the_confirmed_one() -> None:
    user = client_with_sms()
    people.sms(user, "+33698765432", confirmed=False)
    assert try_code(user, sent_code(user), FactorKind.SMS) == "accepted"
    sent_code(user, purpose=Purpose.ENROL)
    numbers = list(SmsMessage.objects.order_by("id").values_list("number", flat=True))
    assert numbers == [NUMBER, "+33698765432"]


@pytest.mark.django_db
def test_an_authenticator_challenge_is_kept_by_its_session_and_harms_no_other() -> None:
    user = people.client()
    people.authenticator(user)
    totp = {"factor": FactorKind.AUTHENTICATOR}
    with time_machine.travel(NOW, tick=False) as clock:
        first, again, other = ask(user, **totp), ask(user, **totp), ask(user, binding=OTHER, **totp)
        assert isinstance(first, Started)
        assert isinstance(other, Started)
        assert again == first
        assert Challenge.objects.filter(superseded_at=None).count() == 2
        assert first.resend_from is None
        clock.shift(600)
        later = ask(user, **totp)
        assert isinstance(later, Started)
        assert later.challenge != first.challenge


@pytest.mark.django_db
def test_s40_a_challenge_is_known_to_its_own_session_only() -> None:
    user = client_with_sms()
    started = ask(user)
    assert isinstance(started, Started)
    assert challenges.owned(started.challenge.pk, binding=BINDING) == started.challenge
    assert challenges.owned(started.challenge.pk, binding=OTHER) is None
    assert challenges.owned(uuid4(), binding=BINDING) is None
    facts: dict[str, Any] = {"factor": FactorKind.SMS, "purpose": Purpose.SIGN_IN}
    assert challenges.current(user, binding=BINDING, **facts) == started.challenge
    assert challenges.current(user, binding=OTHER, **facts) is None


@pytest.mark.django_db
def test_s68_codes_are_encrypted_and_blanked_when_dead() -> None:
    user = client_with_sms()
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        stored = str(Challenge.objects.get().__dict__["code"])
        assert stored.startswith("v1.")
        assert code not in stored
        assert challenge_life.blank_dead_codes() == 0
        clock.shift(300)
        assert challenge_life.blank_dead_codes() == 1
        assert Challenge.objects.get().code == ""
        assert try_code(user, code, FactorKind.SMS) == "expired"


def test_an_address_may_be_missing() -> None:
    assert send_limits.counted_address("") is None
    assert send_limits.counted_address("192.0.2.7") == "192.0.2.7"


@pytest.mark.django_db
def test_asking_on_and_on_does_not_fill_the_log() -> None:
    user = client_with_sms()
    sent_code(user)
    for _ in range(25):
        assert refusal(user).outcome == SendOutcome.COOLDOWN
    assert SendRequest.objects.filter(outcome=SendOutcome.COOLDOWN).count() == 20
    assert AuditEvent.objects.filter(action="twofa.send_refused").count() == 20
