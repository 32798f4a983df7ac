"""Caps by account and by spend: checked before a message is made, also at the same instant."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from smsproviders.models import PauseReason, RoutePause, SmsMessage
from tests.services.threads import run_together
from tests.twofa import people
from tests.twofa.asking import all_arrive, ask, client_with_sms, enrolling, outcome, refusal
from tests.twofa.people import sent_code, try_code
from twofa.models import SendRequest, SmsConfirmation
from twofa.results import Started
from twofa.vocabulary import FactorKind, Purpose, SendOutcome


@pytest.mark.django_db
def test_s57_caps_by_account_count_all_its_numbers(set_policy: Callable[..., None]) -> None:
    set_policy(cap_account_hour="3", cap_account_day="5")
    user = enrolling()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = timezone.now()

        def enrol(digit: int) -> SendOutcome:
            SmsConfirmation.objects.update(number=f"+3361234{digit}678")
            return outcome(user, purpose=Purpose.ENROL)

        assert [enrol(digit) for digit in range(4)] == [SendOutcome.QUEUED] * 3 + [
            SendOutcome.CAP_ACCOUNT
        ]
        request = SendRequest.objects.latest("id")
        assert request.allowed_from == first + timedelta(hours=1)
        clock.shift(timedelta(hours=1))
        assert [enrol(digit) for digit in range(5, 8)] == [SendOutcome.QUEUED] * 2 + [
            SendOutcome.CAP_ACCOUNT
        ]
        assert SendRequest.objects.latest("id").allowed_from == first + timedelta(days=1)


@pytest.mark.django_db
def test_s59_a_typed_code_refills_no_cap(set_policy: Callable[..., None]) -> None:
    set_policy(cap_account_hour="3", spend_cap_country_hour="0.5")
    user = client_with_sms()
    for _ in range(3):
        code = sent_code(user)
        all_arrive()
        assert try_code(user, code, FactorKind.SMS) == "accepted"
    assert outcome(user) == SendOutcome.CAP_ACCOUNT
    for index, expected in enumerate([SendOutcome.QUEUED] * 2 + [SendOutcome.SPEND_COUNTRY]):
        other = client_with_sms(f"u{index}@example.com", f"+3369876{index:04}")
        assert outcome(other) == expected


@pytest.mark.django_db
def test_s57_the_money_of_the_hour_is_a_cap(set_policy: Callable[..., None]) -> None:
    set_policy(spend_cap_country_hour="0.20", spend_cap_hour="0.30")
    numbers = ["+33612340001", "+33622340001", "+33632340001", "+4917612345678", "+34612345678"]
    found = [
        outcome(client_with_sms(f"u{index}@example.com", number))
        for index, number in enumerate(numbers)
    ]
    assert found == [
        SendOutcome.QUEUED,
        SendOutcome.QUEUED,
        SendOutcome.SPEND_COUNTRY,
        SendOutcome.QUEUED,
        SendOutcome.SPEND_ALL,
    ]
    assert SmsMessage.objects.count() == 3


@pytest.mark.django_db
def test_an_open_spend_cap_stands_among_the_pauses_once(set_policy: Callable[..., None]) -> None:
    set_policy(spend_cap_country_hour="0.10")
    with time_machine.travel("2026-11-24T10:00:30Z", tick=False) as clock:
        ask(client_with_sms("first@example.com", "+33698765432"))
        for index in range(3):
            refused = refusal(client_with_sms(f"u{index}@example.com", f"+336{index}2345678"))
            clock.shift(60)
    (pause,) = RoutePause.objects.all()
    assert (pause.reason, pause.route) == (PauseReason.SPEND_CAP, "FR")
    assert (pause.spent, pause.cap) == (Decimal("0.1"), Decimal("0.1"))
    assert pause.ends_at == refused.allowed_from
    assert pause.told_at is None
    event = AuditEvent.objects.get(action="route.paused")
    assert (event.facts["spent"], event.facts["cap"]) == ("0.10", "0.10")


def test_s57_20_requests_at_the_edge_of_a_spend_cap(
    transactional_db: None, set_policy: Callable[..., None]
) -> None:
    set_policy(spend_cap_hour="0.70")
    users = [client_with_sms(f"u{i}@example.com", f"+336{i:02}234567") for i in range(20)]
    results = run_together(20, lambda index: ask(users[index]))
    assert sum(isinstance(result, Started) for result in results) == 7
    assert SmsMessage.objects.count() == 7
    assert SendRequest.objects.filter(outcome=SendOutcome.SPEND_ALL).count() == 13
    assert RoutePause.objects.count() == 1


def test_s57_20_requests_at_the_edge_of_the_cap_of_a_prefix(
    transactional_db: None, set_policy: Callable[..., None]
) -> None:
    set_policy(cap_prefix_hour="6")
    users = [client_with_sms(f"u{i}@example.com", f"+3361234{i:04}") for i in range(20)]
    results = run_together(20, lambda index: ask(users[index]))
    assert sum(isinstance(result, Started) for result in results) == 6
    assert SmsMessage.objects.count() == 6


@pytest.mark.django_db
def test_every_refusal_is_on_record_with_its_reason_and_its_end(
    set_policy: Callable[..., None],
) -> None:
    set_policy(cap_account_hour="1", resend_delays="1")
    user = client_with_sms()
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        ask(user)
        clock.shift(5)
        refused = refusal(user)
    request = SendRequest.objects.latest("id")
    assert (request.outcome, request.allowed_from) == (refused.outcome, refused.allowed_from)
    event = AuditEvent.objects.get(action="twofa.send_refused")
    assert event.facts["outcome"] == "cap_account"
    assert event.facts["until"] == "2026-11-24T11:00:00+00:00"
    assert people.NUMBER not in str(event.facts)


@pytest.mark.django_db
def test_all_of_it_is_asked_in_few_queries(
    django_assert_max_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    warm, user = client_with_sms("warm@example.com", "+33698765432"), client_with_sms()
    with people.asking_from("192.0.2.7"):
        ask(warm)
        # Of these, eight are savepoints, and five make the rows of somebody who never asked.
        with django_assert_max_num_queries(29):
            ask(user)
