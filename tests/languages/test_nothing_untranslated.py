"""Every page, e-mail and answer in a language in which each translated string is seen."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from clients.models import User
from tests.client_pages.all_states import all_states
from tests.client_pages.visits import answer_of
from tests.languages import pseudo, untranslated
from tests.languages.pseudo import LANGUAGE
from tests.twofa import pages, people
from tests.twofa.conftest import (  # noqa: F401 - fixtures
    _settings_are_read_anew,
    set_policy,
)
from tests.twofa.pages import Page, Person
from twofa import notice_sending, texts, urls
from twofa.built_in_texts import BUILT_IN
from twofa.models import Notice
from twofa.notices import NoticeKind

pytestmark = pytest.mark.django_db
OF_OPERATORS = {"error-403"}  # who read English


@pytest.fixture(autouse=True)
def _spoken() -> Iterator[None]:
    with pseudo.spoken():
        yield


def client() -> User:
    return people.client(language=LANGUAGE, password=people.PASSWORD)


def stranger() -> Person:
    return Person(HTTP_ACCEPT_LANGUAGE=LANGUAGE)


def signed_in() -> Person:
    user = client()
    people.sms(user)
    person, _device = pages.signed_in_by_app(user)
    return person


STATES: dict[str, Callable[[], Person]] = {"signed out": stranger, "signed in": signed_in}


def addresses() -> list[str]:
    found: list[str] = []
    for pattern in urls.urlpatterns:
        name = f"twofa:{pattern.name}"
        for given in ((), ("x",), ("1",), ("3f0e1c52-0000-7000-8000-000000000000",)):
            try:
                found.append(reverse(name, args=given))
                break
            except NoReverseMatch:
                continue
        else:
            raise AssertionError(f"{name}: give it an argument here")
    return found


@pytest.mark.parametrize("state", STATES)
def test_no_address_leads_to_an_english_word(state: str) -> None:
    person = STATES[state]()
    found: dict[str, list[str]] = {}
    for address in addresses():
        note(found, address, person.open(address).response)
    assert found == {}


def test_no_page_in_any_state_has_an_english_word() -> None:
    found: dict[str, list[str]] = {}
    for state in all_states():
        if state.name not in OF_OPERATORS:
            answer = answer_of(state, language=LANGUAGE)
            assert f'<html lang="{LANGUAGE}"' in answer.html, state.name
            found |= {state.name: words} if (words := untranslated.in_page(answer.html)) else {}
    assert found == {}


def note(found: dict[str, list[str]], place: str, answer: HttpResponse) -> None:
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    if is_page and (words := untranslated.in_page(answer.content.decode())):
        found[place] = words


@pytest.mark.parametrize(
    "page", ["400", "403", "403_csrf", "404", "500", "twofa/too_many_passwords"]
)
def test_no_page_of_an_error_has_an_english_word(page: str) -> None:
    with translation.override(LANGUAGE):
        assert untranslated.in_page(render_to_string(f"{page}.html")) == []


@pytest.mark.parametrize("kind", NoticeKind)
def test_no_email_has_an_english_word(kind: NoticeKind) -> None:
    facts = {"failures": 3, "left": 2, "days": 30, "operator": "Olga", "act": "", "ticket": "T-1",
             "minutes": 15, "link": "https://x.example/a", "at": timezone.now().isoformat(),
             "factors": ["sms"], "address": "192.0.2.1"}  # fmt: skip
    notice = Notice(kind=kind, language=LANGUAGE, context=json.dumps(facts))
    text, html = notice_sending._rendered(notice)
    data = ("T-1", "https://x.example/a")
    assert untranslated.in_text(text, data=data) == []
    assert untranslated.in_page(html) == []


@pytest.mark.parametrize("body", [texts.sms_removed_body, texts.lost_device_body])
def test_no_sms_has_an_english_word(body: Callable[..., str]) -> None:
    """Those with a code in them are not in the catalogues: twofa/built_in_texts.py has them all."""
    assert untranslated.in_text(body(language=LANGUAGE)) == []
    assert all(set(texts) == set(dict(settings.LANGUAGES)) for texts in BUILT_IN.values())


def test_the_state_of_a_code_on_its_way_is_told_in_the_language() -> None:
    user = client()
    people.sms(user)
    person = Person().sign_in(user.email)
    address = Page(person.html).attributes["delivery-state"]["data-delivery"]
    answer = person.http.get(address)
    assert answer.headers["Content-Language"] == LANGUAGE
    assert untranslated.in_page(answer.json()["html"]) == []
