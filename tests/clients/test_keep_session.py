"""What the middleware does to sessions whose id, key or row changed meanwhile."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import override_settings
from django.utils import timezone

from clients.models import User, UserSession
from tests.twofa import people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def test_a_new_secret_key_with_the_old_one_beside_it_signs_nobody_out(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    before = person.http.cookies[settings.SESSION_COOKIE_NAME].value
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert person.open("/security/").path == "/security/"
        # Django gives the session a new id then; the row follows it.
        assert person.http.cookies[settings.SESSION_COOKIE_NAME].value != before
    with override_settings(SECRET_KEY="n" * 50):
        assert person.open("/security/").path == "/security/"
    assert UserSession.objects.get(user=ann, ended_at=None).session_key != before


def test_without_the_old_key_everybody_signs_in_anew(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    with override_settings(SECRET_KEY="n" * 50):
        assert person.open("/security/").path.startswith("/sign-in/")


def is_in(person: Person) -> bool:
    return not person.open("/security/").path.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("staff", "idle", "life"),
    [
        (False, timedelta(hours=1), timedelta(hours=24)),
        (True, timedelta(minutes=15), timedelta(hours=12)),
    ],
)
class TestS32Limits:
    def test_s32_an_idle_session_ends(
        self, ann: User, staff: bool, idle: timedelta, life: timedelta
    ) -> None:
        User.objects.update(is_staff=staff)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            person, _ = signed_in_by_app(ann, path="/admin/" if staff else "/security/")
            clock.shift(idle - timedelta(seconds=1))
            assert is_in(person)
            clock.shift(idle - timedelta(seconds=1))
            assert is_in(person)
            clock.shift(idle)
            assert not is_in(person)
        assert UserSession.objects.get().ended_at is not None
        assert not Session.objects.filter(session_key=UserSession.objects.get().session_key)

    def test_s32_no_session_lives_longer_however_busy_it_is(
        self, ann: User, staff: bool, idle: timedelta, life: timedelta
    ) -> None:
        User.objects.update(is_staff=staff)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            person, _ = signed_in_by_app(ann, path="/admin/" if staff else "/security/")
            started = timezone.now()
            while timezone.now() - started < life - timedelta(minutes=10):
                assert is_in(person)
                clock.shift(timedelta(minutes=10))
            clock.move_to(started + life)
            assert not is_in(person)


def test_s33_who_is_deactivated_is_out_at_once(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    User.objects.update(is_active=False)
    assert not is_in(person)


def test_a_session_without_its_row_is_no_session(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    UserSession.objects.all().delete()
    assert not is_in(person)


def test_another_users_row_does_not_carry_a_session(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    UserSession.objects.update(user=people.client("bob@example.com"))
    assert not is_in(person)
