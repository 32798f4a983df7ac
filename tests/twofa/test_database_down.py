"""Every query fails: the client reads a clear page, and nobody comes past the code."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from clients.models import User
from tests.twofa import people, trusting
from tests.twofa.pages import Person
from tests.twofa.people import PASSWORD


@contextmanager
def database_down() -> Iterator[None]:
    def fail(*_: Any) -> None:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(fail):
        yield


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


@pytest.fixture
def person(ann: User) -> Person:
    person = Person(HTTP_ACCEPT_LANGUAGE="de").open("/sign-in/")
    person.http.raise_request_exception = False
    return person


def failed(person: Person) -> str:
    """The page of the fault, and the reference on it."""
    assert person.response.status_code == 500
    assert "error-page" in person.page.marked
    assert "no-store" in person.response["Cache-Control"]
    return person.page.text("reference")


@pytest.mark.parametrize("path", ["/sign-in/verify/", "/security/", "/lost-device/"])
def test_every_page_says_so_in_the_clients_language_with_a_reference(
    person: Person, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    person.sign_in(people.client("bob@example.com", password=PASSWORD).email)
    with database_down(), caplog.at_level(logging.ERROR):
        person.open(path)
    assert 'lang="de"' in person.html
    assert "Traceback" not in person.html
    assert person.response["X-Request-ID"].endswith(failed(person))


def test_s85_a_trusted_browser_comes_past_nothing(ann: User, set_policy: Any) -> None:
    set_policy(trusted_browsers="on")
    trusted, _ = trusting.trusting(ann)
    trusted.http.raise_request_exception = False
    assert trusting.comes_back(trusted, ann) == "/security/"
    del trusted.http.cookies[trusting.SESSION]
    trusted.open("/sign-in/")
    fields = {**trusted.page.form_with("email").fields, "email": ann.email, "password": PASSWORD}
    with database_down():
        trusted._show(trusted.http.post("/sign-in/", fields))
        failed(trusted)
    assert trusted.http.get("/security/")["Location"].startswith("/sign-in/")


def test_a_page_that_is_not_there_has_a_reference_that_is_in_the_log(
    person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    person.open("/no-such-page/")
    assert person.response["X-Request-ID"].endswith(person.page.text("reference"))
    logged = [record for record in caplog.records if record.name == "django.request"]
    assert vars(logged[-1])["request_id"] == person.response["X-Request-ID"]
