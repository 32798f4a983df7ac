"""The code page says when text messages are delayed for many; it names no provider."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import User
from smsproviders.models import IncidentKind, SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, MessageState
from tests.twofa import hits, people
from tests.twofa.pages import Person
from twofa import incident_banner
from twofa.models import Challenge

pytestmark = pytest.mark.django_db
WORDS = "Text messages are delayed at the moment."


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    incident_banner.forget()
    yield
    incident_banner.forget()


def provider(name: str, priority: int, **fields: Any) -> SmsProvider:
    return SmsProvider.objects.create(
        caption=name, name=name, backend="sandbox", enabled=True, priority=priority, **fields
    )


def concerned(number: str = people.NUMBER) -> bool:
    incident_banner.forget()
    return incident_banner.banner_for(Challenge(number=number))


def test_without_an_incident_there_is_none() -> None:
    assert not concerned()


@pytest.mark.parametrize(
    ("fields", "number", "shown"),
    [
        ({}, "+33612345678", True),
        ({}, "+4915112345678", False),
        ({"country": ""}, "+4915112345678", True),
        ({"prefix": "+33612"}, "+33612345678", True),
        ({"prefix": "+33698"}, "+33612345678", False),
        ({"kind": IncidentKind.QUEUE, "country": ""}, "+33612345678", True),
        ({"is_felt": False}, "+33612345678", False),
        ({"closed_at": timezone.now()}, "+33612345678", False),
        ({}, "", False),
    ],
    ids=[
        "its country",
        "another country",
        "everywhere",
        "its first digits",
        "other first digits",
        "our own queue",
        "clients do not notice",
        "it is over",
        "an authenticator",
    ],
)
def test_it_is_for_numbers_that_it_concerns(
    fields: dict[str, Any], number: str, shown: bool
) -> None:
    hits.incident(**fields)
    assert concerned(number) == shown


def test_what_happens_to_a_provider_concerns_who_is_sent_by_it() -> None:
    second = provider("second", 20)
    hits.incident(provider=second, country="")
    assert concerned()
    provider("first", 10, countries=["FR"])
    assert not concerned()
    assert concerned("+4915112345678")


def test_a_page_mostly_asks_nothing_for_it() -> None:
    challenge = Challenge(number=people.NUMBER)
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            incident_banner.banner_for(challenge)
    assert len(captured) == 1


@pytest.fixture
def ann() -> User:
    user = people.client(password=people.PASSWORD)
    people.sms(user)
    return user


def by_sms(user: User) -> Person:
    """At the page that asks for the code of a text message."""
    person = Person().sign_in(user.email)
    if "Enter the code we sent" not in person.html:
        person.open("/sign-in/other/").press("way", "sms")
    return person


def test_the_code_page_shows_it_and_points_to_the_other_factor(ann: User) -> None:
    people.authenticator(ann)
    hits.incident(provider=provider("Twilio", 1))
    html = by_sms(ann).html
    assert WORDS in html
    assert html.index(WORDS) < html.index('name="code"')
    assert "Use your authenticator app instead." in html
    assert "Twilio" not in html


def test_without_another_factor_it_points_to_recovery_codes(ann: User) -> None:
    people.codes(ann)
    hits.incident()
    html = by_sms(ann).html
    assert WORDS in html
    assert "Use one of your recovery codes." in html


@pytest.mark.parametrize(
    ("state", "cause", "shown"),
    [
        (MessageState.DELIVERED, "", False),
        (MessageState.ACCEPTED, "", True),
        (MessageState.FAILED, Cause.PROVIDER_DOWN, True),
        (MessageState.FAILED, Cause.LANDLINE, False),
    ],
)
def test_it_is_not_shown_where_it_would_mislead(
    ann: User, state: MessageState, cause: str, shown: bool
) -> None:
    hits.incident()
    person = by_sms(ann)
    SmsMessage.objects.update(state=state, cause=cause, accepted_at=timezone.now())
    assert (WORDS in person.open("/sign-in/verify/").html) == shown


def test_the_page_has_none_while_all_is_well(ann: User) -> None:
    assert WORDS not in by_sms(ann).html


def test_the_page_of_the_authenticator_has_none(ann: User) -> None:
    people.authenticator(ann)
    hits.incident()
    assert WORDS not in Person().sign_in(ann.email).html
