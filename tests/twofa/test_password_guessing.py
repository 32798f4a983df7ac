"""Guessing passwords: how it is counted, and what of it is written down."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.conf import settings

from backoffice.audit.models import AuditEvent
from clients.models import User
from tests.twofa import people
from tests.twofa.pages import Person
from tests.twofa.people import PASSWORD, app_code
from twofa import log_actions

SLOW_DOWN = 429


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def guess(email: str, **headers: Any) -> int:
    person = Person(**headers).sign_in(email, "a wrong password")
    return int(person.response.status_code)


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
