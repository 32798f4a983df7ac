"""In which language a page speaks, and that nothing of an account shows before its password."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import translation

from backoffice.audit.models import AuditEvent
from backoffice.development.catalogues import catalogues
from clients.models import Client, User
from tests.twofa import pages, people
from twofa import texts
from twofa.languages import LANGUAGE_CHANGED

pytestmark = pytest.mark.django_db
FRENCH: dict[str, Any] = {"HTTP_ACCEPT_LANGUAGE": "fr-CH, fr;q=0.9"}


def language_of(answer: Any) -> str:
    """As the header says and as the page says, which must be one."""
    language = str(answer.headers["Content-Language"])
    assert f'<html lang="{language}"' in answer.content.decode()
    return language


def choose(browser: Browser, language: str) -> Any:
    return browser.post("/language/", {"language": language, "next": "/sign-in/?a=b"})


def client_who_speaks(language: str) -> User:
    return people.client(language=language, password=people.PASSWORD)


class TestBeforeThePassword:
    def test_the_browser_is_asked(self) -> None:
        assert language_of(Browser(**FRENCH).get("/sign-in/")) == "fr"

    def test_it_is_spoken_from_the_catalogue(self) -> None:
        message = catalogues.read("fr").get("Sign in")
        assert message and message.string
        assert f"<h1>{message.string}</h1>" in Browser(**FRENCH).get("/sign-in/").content.decode()

    def test_english_follows_languages_that_nobody_translated(self) -> None:
        assert language_of(Browser(HTTP_ACCEPT_LANGUAGE="fi").get("/sign-in/")) == "en"

    def test_a_choice_on_the_page_stays_in_the_browser(self) -> None:
        browser = Browser(**FRENCH)
        answer = choose(browser, "ar")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/?a=b")
        page = browser.get("/sign-in/")
        assert language_of(page) == "ar"
        assert 'dir="rtl"' in page.content.decode()
        assert browser.cookies[settings.LANGUAGE_COOKIE_NAME]["httponly"]

    @pytest.mark.parametrize("language", ["xx", "", "../fr"])
    def test_no_other_language_can_be_chosen(self, language: str) -> None:
        browser = Browser()
        choose(browser, language)
        assert settings.LANGUAGE_COOKIE_NAME not in browser.cookies

    def test_it_leads_to_no_other_site(self) -> None:
        answer = Browser().post("/language/", {"language": "de", "next": "//evil.example/"})
        assert answer.headers["Location"] == "/"

    def test_a_wrong_password_says_nothing_of_the_profile(self) -> None:
        client_who_speaks("ru")
        browser = Browser(**FRENCH)
        form = {"email": "ann@example.com", "password": "wrong"}
        assert language_of(browser.post("/sign-in/", form)) == "fr"

    def test_caches_are_told_what_it_depends_on(self) -> None:
        vary = Browser().get("/sign-in/").headers["Vary"]
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in vary.split(",")}

    def test_the_thread_speaks_english_again(self) -> None:
        Browser(**FRENCH).get("/sign-in/")
        assert translation.get_language() == "en"


class TestAfterThePassword:
    def test_the_profile_decides(self) -> None:
        user = client_who_speaks("de")
        people.authenticator(user)
        person = pages.Person(**FRENCH).sign_in(user.email)
        assert person.path == "/sign-in/verify/"
        assert language_of(person.response) == "de"

    def test_a_language_that_is_gone_from_the_settings_gives_english(self) -> None:
        user = client_who_speaks("pt")
        people.authenticator(user)
        assert language_of(pages.Person(**FRENCH).sign_in(user.email).response) == "en"
        assert texts.language_of(user) == "en"

    def test_a_choice_before_the_code_changes_no_profile(self) -> None:
        user = client_who_speaks("de")
        people.authenticator(user)
        person = pages.Person().sign_in(user.email).press("language", "es")
        assert language_of(person.response) == "es"
        assert Client.objects.get().language == "de"

    def test_a_signed_in_client_changes_the_profile(self) -> None:
        user = client_who_speaks("de")
        person, _device = pages.signed_in_by_app(user)
        person.press("language", "es")
        assert language_of(person.response) == "es"
        assert Client.objects.get().language == "es"
        event = AuditEvent.objects.get(action=LANGUAGE_CHANGED.key)
        assert event.facts == {"from": "de", "to": "es"}

    def test_the_door_keeps_the_language_after_signing_out(self) -> None:
        person, _device = pages.signed_in_by_app(client_who_speaks("de"))
        form = next(form for form in person.page.forms if form.action == "/sign-out/")
        answer = person.http.post(form.action, form.fields, follow=True)
        assert language_of(answer) == "de"

    def test_the_answer_to_a_form_offers_no_choice(self) -> None:
        """What was typed, or shown only once, would be lost."""
        user = client_who_speaks("de")
        people.authenticator(user)
        person = pages.Person().sign_in(user.email)
        assert "language-fr" in person.html
        assert "language-fr" not in person.submit("code", "000000").html


class TestOperators:
    def test_they_read_english_wherever_they_are_from(self) -> None:
        user = people.operator()
        user.set_password(people.PASSWORD)
        user.save()
        people.authenticator(user)
        person = pages.Person(**FRENCH).sign_in(user.email)
        assert language_of(person.response) == "en"
        assert "language-fr" not in person.html

    def test_the_back_office_is_english(self) -> None:
        answer = Browser(**FRENCH).get("/admin/", follow=False)
        assert answer.headers["Content-Language"] == "en"
