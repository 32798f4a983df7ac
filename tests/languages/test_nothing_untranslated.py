"""Every page, e-mail and answer in a language in which each translated string is seen."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from clients.models import User
from tests.languages import pseudo, untranslated
from tests.languages.pseudo import LANGUAGE
from tests.twofa import pages, people
from tests.twofa.conftest import (  # noqa: F401 - fixtures
    _passwords_are_hashed_fast,
    _settings_are_read_anew,
    set_policy,
)
from tests.twofa.pages import Form, Page, Person
from twofa import notice_sending, texts, urls
from twofa.built_in_texts import BUILT_IN
from twofa.models import Notice
from twofa.notices import NoticeKind

pytestmark = pytest.mark.django_db
# Forms that lead out of the state that is looked at.
LEFT_ALONE = {"/sign-out/", "/language/"}
WRONG = "000000"


@pytest.fixture(autouse=True)
def _spoken() -> Iterator[None]:
    with pseudo.spoken():
        yield


def client() -> User:
    return people.client(language=LANGUAGE, password=people.PASSWORD)


def stranger() -> Person:
    return Person(HTTP_ACCEPT_LANGUAGE=LANGUAGE)


def half() -> Person:
    user = client()
    people.authenticator(user)
    people.sms(user)
    people.codes(user)
    return Person().sign_in(user.email)


def waiting_for_sms() -> Person:
    user = client()
    people.sms(user)
    return Person().sign_in(user.email)


def must_enrol() -> Person:
    return Person().sign_in(client().email)


def signed_in() -> Person:
    user = client()
    people.sms(user)
    people.codes(user)
    person, _device = pages.signed_in_by_app(user)
    return person


STATES: dict[str, Callable[[], Person]] = {
    "signed out": stranger,
    "after the password": half,
    "waiting for an SMS": waiting_for_sms,
    "enrolling": must_enrol,
    "signed in": signed_in,
}


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
def test_no_page_has_an_english_word(state: str, set_policy: Callable[..., None]) -> None:  # noqa: F811
    if state == "enrolling":
        set_policy(require_two_factor="on")
    person, found = STATES[state](), {}
    for address in addresses():
        person.open(address)
        note(found, address, person.response)
        for form, fields in fillings(person):
            with undone(person):
                target = form.action or person.path
                answer = person.http.post(target, fields, follow=True)
                note(found, f"{target} {sorted(fields)}", answer)
    assert found == {}


def note(found: dict[str, list[str]], place: str, answer: HttpResponse) -> None:
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    words = untranslated.in_page(answer.content.decode())
    if words:
        found[place] = words


def fillings(person: Person) -> Iterator[tuple[Form, dict[str, str]]]:
    """Each form of the page by each of its buttons, empty and with nonsense."""
    if not person.html.startswith("<!doctype html>"):
        return
    for form in Page(person.html).forms:
        if form.action in LEFT_ALONE:
            continue
        for name, value in form.buttons or [("", "")]:
            for typed in ("", WRONG):
                hidden = {"csrfmiddlewaretoken", "next", "approval"}
                fields = {k: v if k in hidden else typed for k, v in form.fields.items()}
                yield form, {**fields, **({name: value} if name else {})}


@contextmanager
def undone(person: Person) -> Iterator[None]:
    """What a form changes is taken back, and the browser's cookies with it."""
    cookies = person.http.cookies.copy()
    # No `atomic`: a check of a code insists on being the outermost one.
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)
    person.http.cookies = cookies


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
    person = waiting_for_sms()
    address = Page(person.html).attributes["delivery-state"]["data-delivery"]
    answer = person.http.get(address)
    assert answer.headers["Content-Language"] == LANGUAGE
    assert untranslated.in_page(answer.json()["html"]) == []
