"""Sessions, read and written by ready statements, behave as Django's own."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.session_store import SessionStore

pytestmark = pytest.mark.django_db


def made() -> SessionStore:
    session = SessionStore()
    session["seen"] = 1
    session.save()
    return session


def test_what_is_kept_is_read_again_with_one_statement_each(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    session = made()
    session["seen"] = 2
    with django_assert_num_queries(1):
        session.save()
    with django_assert_num_queries(1):
        assert SessionStore(session.session_key)["seen"] == 2


def test_one_that_is_over_holds_nothing_and_its_key_is_not_used_again() -> None:
    session = made()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    other = SessionStore(session.session_key)
    assert other.get("seen") is None
    assert other.session_key is None
    chosen = SessionStore("a-key-that-somebody-chose")
    chosen["seen"] = 1
    chosen.save()
    assert chosen.session_key != "a-key-that-somebody-chose"


def test_a_cookie_that_names_a_nul_is_as_good_as_none() -> None:
    cookie = rf'{settings.SESSION_COOKIE_NAME}="abcdefgh\000ijk"'
    answer = Client().get("/sign-in/", headers={"cookie": cookie})
    assert answer.status_code == 200


def test_one_that_was_ended_meanwhile_is_not_brought_back() -> None:
    session = made()
    Session.objects.all().delete()
    session["seen"] = 2
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()
