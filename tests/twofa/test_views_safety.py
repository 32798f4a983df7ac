"""What the pages must never do: tell, leak, skip, follow, keep or change by a GET."""

import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.http import http_date

from backoffice.audit.models import AuditEvent
from clients.models import User
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.pages import Person, code_by_sms, signed_in_by_app
from tests.twofa.people import NUMBER, PASSWORD, app_code
from twofa.models import Authenticator, Challenge, CodeAttempt, SmsConfirmation, VerificationState
from twofa.views import destination

SESSION = "__Host-session"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """Every address of the clients' part, with something for each parameter."""
    for pattern in (resolver or get_resolver("twofa.urls")).url_patterns:
        path = before + re.sub(
            r"<[^>]+>", "00000000-0000-7000-8000-000000000000", str(pattern.pattern)
        )
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from addresses(pattern, path)


def stored_session(person: Person) -> dict[str, Any]:
    key = person.http.cookies[SESSION].value
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    found: dict[str, Any] = store.load()
    return found


@pytest.mark.parametrize("method", ["get", "post"])
def test_s20_half_a_sign_in_sees_no_data_of_the_client(ann: User, method: str) -> None:
    people.sms(ann)
    people.authenticator(ann)
    ann.client.phone = NUMBER
    ann.client.save()
    person = Person().sign_in(ann.email)
    http = Client()
    http.cookies = person.http.cookies
    assert {"/security/sms/", "/sign-in/verify/"} <= set(addresses())
    for path in addresses():
        body = getattr(http, method)(path).content.decode()
        assert 'data-test="signed-in"' not in body, path
        assert NUMBER[3:] not in body.replace(" ", ""), path
        if path.startswith("/security/"):
            assert getattr(http, method)(path).status_code in {302, 405}, path


def test_s20_a_stranger_sees_nothing_behind_the_door(db: None) -> None:
    for path in addresses():
        answer = Client().get(path)
        if path.startswith(("/security/", "/sign-in/verify", "/sign-in/other", "/sign-in/rec")):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/sign-in/"), path


def test_s24_the_session_id_changes_at_every_step_and_the_old_one_is_dead(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().open("/sign-in/")
    keys = []
    person.sign_in(ann.email)
    keys.append(person.http.cookies[SESSION].value)
    person.submit("code", app_code(device))
    keys.append(person.http.cookies[SESSION].value)
    person.open("/security/authenticator/").press("begin").submit("code", app_code(device, steps=1))
    keys.append(person.http.cookies[SESSION].value)
    assert len(set(keys)) == 3
    assert list(Session.objects.values_list("session_key", flat=True)) == [keys[-1]]
    for old in keys[:-1]:
        http = Client()
        http.cookies[SESSION] = old
        assert http.get("/security/").status_code == 302


def test_s25_between_the_steps_no_password_anywhere(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email)
    assert PASSWORD not in person.html
    assert PASSWORD not in str(stored_session(person))
    assert PASSWORD not in str(person.http.cookies)


def test_s25_a_wrong_password_is_not_written_back(ann: User) -> None:
    person = Person().sign_in(ann.email, "my secret guess")
    assert "my secret guess" not in person.html


def test_s26_no_answer_carries_a_code(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email)
    code = code_by_sms(ann)
    pages = [person.html, str(person.response.headers), str(person.http.cookies)]
    pages.append(person.open("/sign-in/other/").html)
    person.open("/sign-in/verify/")
    status = person.page.attributes["delivery-state"]["data-delivery"]
    pages.append(person.http.get(status).content.decode())
    wrong = people.wrong_sms_code(code)
    pages.append(person.submit("code", wrong).html)
    assert not any(code in page for page in pages)
    assert wrong not in pages[-1]


def test_s27_skipping_the_code_step_gains_nothing(ann: User) -> None:
    people.authenticator(ann)
    person = Person().sign_in(ann.email)
    token = person.page.form_with("code").fields["csrfmiddlewaretoken"]
    for path in ("/security/sms/", "/security/authenticator/", "/security/password/"):
        fields = {"csrfmiddlewaretoken": token, "begin": "1", "phone": NUMBER, "disable": "1"}
        assert person.http.post(path, fields)["Location"].startswith("/sign-in/")
    assert Authenticator.objects.filter(confirmed=True).count() == 1
    assert not SmsConfirmation.objects.exists()


def test_s27_marks_and_hidden_fields_of_ones_own_making_gain_nothing(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    token = person.page.forms[0].fields["csrfmiddlewaretoken"]
    for fields in (
        {"disable": "1", "step_up": "1"},
        {"disable": "1", "step_up": "1", "password": PASSWORD},
        {"disable": "1", "step_up": "1", "factor": "recovery", "code": "AAAA-AAAA-AAAA-AAAA"},
        {"disable": "1", "step_up": "1", "factor": "sms", "code": "123456"},
        {"disable": "1", "is_fresh": "1", "user": "1", "factor": "nonsense"},
    ):
        person.http.post("/security/authenticator/", {**fields, "csrfmiddlewaretoken": token})
    assert Authenticator.objects.filter(confirmed=True).count() == 1


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/%2Fevil.example/",
    "/%5Cevil.example/",
    "/%252Fevil.example/",
    "%2F%2Fevil.example/",
    "/\t/evil.example/",
    "/%09/evil.example/",
    "/\n/evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    " https://evil.example/",
    "https:/evil.example",
    "/" + "a" * 3000,
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_s28_next_stays_on_this_site(ann: User, wanted: str) -> None:
    assert not destination.is_ours(wanted)
    person = Person()
    person.open(f"/sign-in/?next={quote(wanted)}").submit("email", ann.email, password=PASSWORD)
    assert person.path == "/security/"
    answer = person.http.get(f"/sign-in/?next={quote(wanted)}")
    assert answer["Location"] == "/security/"


@pytest.mark.parametrize(
    "wanted", ["/", "/security/sms/?number=edit", "/admin/clients/client/?q=%C3%A9t%C3%A9", "/é"]
)
def test_s28_pages_of_ours_are_kept(wanted: str) -> None:
    assert destination.is_ours(wanted) is (wanted.isascii())


def test_s29_a_half_sign_in_dies_after_ten_minutes(ann: User) -> None:
    device = people.authenticator(ann)
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        person = Person().sign_in(ann.email)
        form = person.page.form_with("code")
        clock.shift(timedelta(minutes=10))
        fields = {**form.fields, "code": app_code(device)}
        answer = person.http.post("/sign-in/verify/", fields, follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/"
    assert "begun too long ago" in answer.content.decode()


def test_s29_a_half_sign_in_dies_with_the_password(ann: User) -> None:
    people.authenticator(ann)
    person = Person().sign_in(ann.email)
    ann.set_password("another horse battery")
    ann.save()
    assert person.open("/sign-in/verify/").path == "/sign-in/"


def test_s30_known_and_unknown_addresses_are_answered_alike(ann: User) -> None:
    def answer(email: str) -> tuple[int, str]:
        person = Person().sign_in(email, "wrong password")
        html = re.sub(r'value="[^"]{30,}"', "", person.html).replace(email, "")
        html, references = re.subn(r">[A-Z2-9]{4}-[A-Z2-9]{4}<", "", html)
        assert references == 1
        return person.response.status_code, html

    assert answer(ann.email) == answer("nobody@example.com")
    blocked = people.client("off@example.com", password=PASSWORD)
    blocked.is_active = False
    blocked.save()
    people.sms(ann)
    assert Person().sign_in(blocked.email).path == "/sign-in/"


def test_s30_an_unknown_address_takes_as_long(ann: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    ann.set_password(PASSWORD)
    ann.save()

    def seconds(email: str) -> float:
        person = Person().open("/sign-in/")
        began = perf_counter()
        person.submit("email", email, password="wrong")
        return perf_counter() - began

    known = min(seconds(ann.email) for _ in range(3))
    unknown = min(seconds("nobody@example.com") for _ in range(3))
    assert 0.5 < known / unknown < 2


def test_s44_every_form_needs_its_token_and_an_own_origin(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    token = person.page.forms[0].fields["csrfmiddlewaretoken"]
    for path in addresses():
        if "challenges" in path or path == "/":
            continue
        assert person.http.post(path, {}).status_code == 403, path
        foreign = person.http.post(
            path, {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"}
        )
        assert foreign.status_code == 403, path
    refused = person.http.post("/security/authenticator/", {"disable": "1"})
    assert "This page was open for too long" in refused.content.decode()
    assert Authenticator.objects.get() == device


@pytest.mark.parametrize("method", ["get", "head"])
def test_s44_get_and_head_change_nothing(ann: User, method: str) -> None:
    people.sms(ann)
    half = Person().sign_in(ann.email)
    other = people.client("bob@example.com", password=PASSWORD)
    full, _ = signed_in_by_app(other)

    def state() -> tuple[Any, ...]:
        return (
            SmsMessage.objects.count(),
            list(Challenge.objects.order_by("id").values_list("id", "sends", "attempts")),
            CodeAttempt.objects.count(),
            AuditEvent.objects.count(),
            list(VerificationState.objects.order_by("pk").values_list("pk", "failures")),
            list(Authenticator.objects.values_list("id", "confirmed")),
            list(SmsConfirmation.objects.values_list("id", "confirmed")),
        )

    before = state()
    for person in (half, full):
        for path in addresses():
            query = "?resend=1&way=sms&begin=1&disable=1&phone=%2B33612345678&code=123456&make=1"
            getattr(person.http, method)(path + query)
    assert state() == before


def test_s45_extra_fields_are_ignored(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().open("/sign-in/")
    extra = {"is_staff": "1", "is_superuser": "1", "user": "1", "confirmed": "1", "factor": "sms"}
    person.submit("email", ann.email, password=PASSWORD, **extra)
    person.submit("code", app_code(device), **extra)
    person.open("/security/sms/").submit("phone", "+33612345679", **extra)
    ann.refresh_from_db()
    assert not ann.is_staff
    assert not SmsConfirmation.objects.filter(confirmed=True).exists()


def test_s82_s83_cookies_and_headers(ann: User) -> None:
    person = Person().sign_in(ann.email)
    for name in (SESSION, "__Host-csrf"):
        cookie = person.http.cookies[name]
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    headers = person.response.headers
    policy = headers["Content-Security-Policy"]
    for wanted in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
        assert wanted in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_s84_no_page_is_kept_by_a_cache(ann: User) -> None:
    people.sms(ann)
    half = Person().sign_in(ann.email)
    status = half.page.attributes["delivery-state"]["data-delivery"]
    other = people.client("bob@example.com", password=PASSWORD)
    full, _ = signed_in_by_app(other)
    for person in (Person(), half, full):
        for path in (*addresses(), status):
            answer = person.http.get(path)
            if answer.status_code in {200, 302}:
                assert "no-store" in answer["Cache-Control"], path


def test_s84_secrets_stand_in_no_address(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email)
    code = app_code(device)
    seen = [person.path, person.submit("code", code).path]
    assert not any(secret in path for path in seen for secret in (PASSWORD, code, ann.email))


def test_s15_no_time_that_a_client_tells_moves_the_window(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email)
    at = timezone.now() + timedelta(minutes=10)
    told = {"time": at.isoformat(), "timestamp": str(int(at.timestamp())), "at": at.isoformat()}
    person.http.cookies.load(told)
    headers = {"date": http_date(at.timestamp()), "x-time": at.isoformat()}
    form = person.page.form_with("code").fields
    fields = {**form, **told, "code": app_code(device, at=at)}
    person.http.post(f"/sign-in/verify/?{urlencode(told)}", fields, headers=headers)
    assert CodeAttempt.objects.get().outcome == "incorrect"
    assert person.open("/security/").path.startswith("/sign-in/")


def test_a_megabyte_is_refused_without_an_error(ann: User) -> None:
    people.authenticator(ann)
    person = Person().sign_in(ann.email)
    form = person.page.form_with("code")
    answer = person.http.post("/sign-in/verify/", {**form.fields, "code": "1" * 1_000_000})
    assert answer.status_code == 400
    nul = person.http.post("/sign-in/verify/", {**form.fields, "code": "12\x0034"})
    assert nul.status_code == 200
    assert not CodeAttempt.objects.exists()


def test_unknown_pages_and_broken_requests_are_answered_in_words(db: None) -> None:
    answer = Client().get("/no-such-page/")
    assert answer.status_code == 404
    assert "This page does not exist" in answer.content.decode()
