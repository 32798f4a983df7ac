"""Guessing passwords: how it is counted, and what of it is written down."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.test import RequestFactory

from backoffice.audit.models import AuditEvent
from clients.models import User
from tests.twofa import people
from tests.twofa.pages import Person
from tests.twofa.people import PASSWORD, app_code
from twofa import known_browsers, log_actions

SLOW_DOWN = 429


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def guess(email: str, **headers: Any) -> int:
    person = Person(**headers).sign_in(email, "a wrong password")
    return int(person.response.status_code)


def spray(addresses: list[str]) -> None:
    for number in range(10):
        address = addresses[number % len(addresses)]
        guess(f"person{number}@example.com", REMOTE_ADDR=address)


def scatter(email: str) -> None:
    for number in range(10):
        guess(email, REMOTE_ADDR=f"198.51.100.{number}")


def test_the_longest_e_mail_that_the_form_takes_is_no_error(ann: User) -> None:
    long = f"{'a' * 250}@example.com"
    assert guess(long) == 200


def test_an_ipv6_network_counts_as_one_address(ann: User) -> None:
    for host in range(settings.AXES_FAILURE_LIMIT):
        guess(ann.email, REMOTE_ADDR=f"2001:db8:1:2::{host + 1:x}")
    assert guess(ann.email, REMOTE_ADDR="2001:db8:1:2::ffff") == SLOW_DOWN
    assert guess(ann.email, REMOTE_ADDR="2001:db8:1:3::1") == 200


def test_a_link_local_address_with_its_interface_is_no_error(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person(REMOTE_ADDR="fe80::1%eth0").sign_in(ann.email)
    assert person.submit("code", app_code(device)).path == "/security/"


def test_s73_a_wrong_password_puts_no_e_mail_into_the_logs(
    ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for _ in range(settings.AXES_FAILURE_LIMIT + 1):
            guess(ann.email)
    assert caplog.records
    assert ann.email not in caplog.text


class TestOverAccounts:
    """One address tries many accounts."""

    @pytest.fixture(autouse=True)
    def few(self, set_policy: Callable[..., None]) -> None:
        set_policy(passwords_of_address="10")

    @pytest.mark.parametrize("addresses", [["192.0.2.7"], ["2001:db8:1:2::1", "2001:db8:1:2::2"]])
    def test_s11_it_is_paused_for_all_of_them(self, ann: User, addresses: list[str]) -> None:
        spray(addresses)
        assert guess("new@example.com", REMOTE_ADDR=addresses[0]) == SLOW_DOWN
        person = Person(REMOTE_ADDR=addresses[-1]).sign_in(ann.email)
        assert person.response.status_code == SLOW_DOWN
        assert Person(REMOTE_ADDR="2001:db8:1:3::1").sign_in(ann.email).path == "/security/"
        paused = AuditEvent.objects.get(action="twofa.passwords_paused")
        assert paused.facts == {"both": 1, "account": 1, "address": 10}

    def test_s10_a_browser_of_the_account_is_let_in_from_there(self, ann: User) -> None:
        person = Person(REMOTE_ADDR="192.0.2.7").sign_in(ann.email).open("/security/")
        spray(["192.0.2.7"])
        people.client("bob@example.com", password=PASSWORD)
        person.http.cookies.pop(settings.SESSION_COOKIE_NAME)
        assert person.sign_in("bob@example.com").response.status_code == SLOW_DOWN
        assert person.sign_in(ann.email).path == "/security/"

    def test_it_ends_after_a_quarter_of_an_hour(self, ann: User) -> None:
        with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
            spray(["192.0.2.7"])
            clock.shift(timedelta(minutes=16))
            assert Person(REMOTE_ADDR="192.0.2.7").sign_in(ann.email).path == "/security/"

    def test_a_proxy_that_names_no_address_stops_nobody(self, ann: User) -> None:
        spray([""])
        assert Person(REMOTE_ADDR="").sign_in(ann.email).path == "/security/"


class TestOverAddresses:
    """One account is tried from many addresses."""

    @pytest.fixture(autouse=True)
    def few(self, set_policy: Callable[..., None]) -> None:
        set_policy(passwords_of_account="10")

    @pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
    def test_s30_each_has_three_tries_whether_somebody_has_that_e_mail_or_not(
        self, ann: User, email: str
    ) -> None:
        scatter(email)
        answers = [guess(email, REMOTE_ADDR="192.0.2.7") for _ in range(4)]
        assert answers == [200, 200, SLOW_DOWN, SLOW_DOWN]

    def test_s10_the_right_password_is_taken_from_anywhere(self, ann: User) -> None:
        scatter(ann.email)
        assert Person(REMOTE_ADDR="192.0.2.7").sign_in(ann.email).path == "/security/"

    def test_s10_a_browser_of_the_account_keeps_all_its_tries(self, ann: User) -> None:
        person = Person(REMOTE_ADDR="192.0.2.7").sign_in(ann.email)
        scatter(ann.email)
        del person.http.cookies[settings.SESSION_COOKIE_NAME]
        for _ in range(5):
            assert person.sign_in(ann.email, "a wrong one").response.status_code == 200
        assert person.sign_in(ann.email).path == "/security/"


def test_a_mark_of_ones_own_making_makes_no_browser_known(ann: User, rf: RequestFactory) -> None:
    person = Person().sign_in(ann.email)
    made = person.http.cookies[settings.KNOWN_COOKIE_NAME]
    assert made["httponly"]
    assert made["samesite"] == "Strict"
    assert ann.email not in made.value
    for value, known in ((made.value, True), (made.value[:-1], False), ("x", False)):
        request = rf.get("/")
        request.COOKIES[settings.KNOWN_COOKIE_NAME] = value
        assert known_browsers.is_known(request, ann.email.upper()) is known
        assert not known_browsers.is_known(request, "bob@example.com")


def test_the_pause_ends_when_the_page_said_so(ann: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        for _ in range(settings.AXES_FAILURE_LIMIT):
            guess(ann.email)
        clock.shift(timedelta(minutes=14))
        assert guess(ann.email) == SLOW_DOWN
        clock.shift(timedelta(minutes=2))
        assert Person().sign_in(ann.email).path == "/security/"


def test_a_flood_of_wrong_passwords_lets_no_row_grow(ann: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        guess(ann.email)
    row = AccessAttempt.objects.get()
    guess(ann.email)
    assert AccessAttempt.objects.get().post_data == row.post_data


def test_a_sign_in_leaves_no_address_in_clear_behind(ann: User) -> None:
    assert Person().sign_in(ann.email).path == "/security/"
    assert not AccessLog.objects.exists()


def test_pressing_on_in_the_pause_does_not_fill_the_log(ann: User) -> None:
    for email in (ann.email, "nobody@example.com"):
        person = Person().open("/sign-in/")
        fields = {**person.page.form_with("email").fields, "email": email, "password": "wrong"}
        for _ in range(40):
            person.http.post("/sign-in/", fields)
    refused = AuditEvent.objects.filter(action="twofa.password_refused")
    assert refused.filter(subject=f"user:{ann.pk}").count() == log_actions.KEPT_A_MINUTE
    assert refused.filter(subject="").count() == log_actions.KEPT_A_MINUTE
    # What is still checked is always logged.
    guess(ann.email, REMOTE_ADDR="192.0.2.9")
    assert refused.filter(subject=f"user:{ann.pk}").count() == log_actions.KEPT_A_MINUTE + 1


def test_pressing_on_inside_does_not_fill_the_log(ann: User) -> None:
    person = Person().sign_in(ann.email)
    person.open("/security/password/")
    fields = {**person.page.form_with("new_password").fields, "password": "wrong"}
    fields |= {"new_password": "another one here", "repeated": "another one here"}
    for _ in range(40):
        person.http.post("/security/password/", fields)
    refused = AuditEvent.objects.filter(action="twofa.password_changed")
    assert refused.count() == log_actions.KEPT_A_MINUTE
    assert User.objects.get().check_password(PASSWORD)
