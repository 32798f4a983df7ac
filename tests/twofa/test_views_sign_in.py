"""The one door over HTTP: password, code, resend, another way, recovery code, sign out."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clients.models import User, UserSession
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from tests.twofa import people
from tests.twofa.pages import Person, code_by_sms, next_code_please
from tests.twofa.people import PASSWORD, app_code
from twofa.models import Challenge

NOW = "2026-11-24T10:00:05Z"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def test_the_start_page_leads_to_the_door(db: None) -> None:
    assert Person().open("/").path == "/sign-in/"


def test_a_client_signs_in_with_a_code_by_sms(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in("Ann@Example.com")
    assert person.path == "/sign-in/verify/"
    assert "Enter the code we sent to ••78" in person.html
    assert person.page.attributes["delivery-state"]["data-state"] == "waiting"
    assert person.page.text("delivery-state").startswith("Sending the code…")
    person.submit("code", code_by_sms(ann))
    assert person.path == "/security/"
    assert person.page.text("signed-in") == "ann@example.com"
    assert person.page.text("factor-sms-status") == "On"


def test_a_client_signs_in_with_the_authenticator(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email)
    assert "Enter the code of your authenticator app" in person.html
    assert not SmsMessage.objects.exists()
    code = app_code(device)
    person.submit("code", f" {code[:3]} {code[3:]}-")
    assert person.path == "/security/"


def test_a_client_without_a_factor_is_signed_in_by_password(ann: User) -> None:
    assert Person().sign_in(ann.email).path == "/security/"


def test_the_code_field_is_one_plain_field(ann: User) -> None:
    people.sms(ann)
    html = Person().sign_in(ann.email).html
    field = next(tag for tag in html.split("<input") if 'name="code"' in tag).split(">")[0]
    for wanted in ('type="text"', 'inputmode="numeric"', 'autocomplete="one-time-code"'):
        assert wanted in field
    assert "maxlength" not in field


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Enter the code."),
        ("12345", "Some digits are missing"),
        ("1234567", "too many digits"),
        ("12a456", "digits only"),
        ("+123456", "digits only"),
    ],
)
def test_s12_what_cannot_be_a_code_is_told_apart(ann: User, typed: str, told: str) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email).submit("code", typed)
    assert person.response.status_code == 200
    assert told in person.page.text("error")


def test_s12_a_code_that_comes_twice_is_refused(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email)
    form = person.page.form_with("code")
    answer = person.http.post(
        "/sign-in/verify/", {**form.fields, "code": [code_by_sms(ann), code_by_sms(ann)]}
    )
    assert answer.status_code == 200
    assert "digits only" in answer.content.decode()


def test_a_wrong_code_is_told_with_the_tries_that_are_left(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email)
    wrong = people.wrong_sms_code(code_by_sms(ann))
    person.submit("code", wrong).submit("code", wrong)
    assert person.page.text("error") == (
        "This code is not right. 3 tries left before the account is locked for a while."
    )
    assert 'aria-describedby="id_code_helptext id_code_error"' in person.html
    assert 'aria-invalid="true"' in person.html


def test_s31_a_lock_is_told_with_its_end(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email)
    wrong = people.wrong_app_code(device)
    for _ in range(5):
        person.submit("code", wrong)
    assert "Locked after too many wrong codes" in person.page.text("error")
    assert person.page.attributes["locked-until"]["datetime"]
    assert "Set time automatically" in person.page.text("error")
    person.submit("code", app_code(device))
    assert person.path == "/sign-in/verify/"


def test_an_expired_code_offers_a_new_one_and_sends_none_unasked(ann: User) -> None:
    people.sms(ann)
    with time_machine.travel(NOW, tick=False) as clock:
        person = Person().sign_in(ann.email)
        code = code_by_sms(ann)
        clock.shift(timedelta(minutes=6))
        person.submit("code", code)
        assert "This code has expired" in person.page.text("error")
        assert SmsMessage.objects.count() == 1
        person.press("resend")
        assert SmsMessage.objects.count() == 2
        person.submit("code", code_by_sms(ann))
    assert person.path == "/security/"


def test_an_authenticator_that_is_refused_comes_with_the_steps_for_the_clock(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email).submit("code", people.wrong_app_code(device))
    help_text = person.page.text("app-help")
    assert "open" in person.page.attributes["app-help"]
    assert "Android: Settings" in help_text
    assert "iPhone: Settings" in help_text
    assert Challenge.objects.get().public_reference in help_text


def test_a_steady_clock_error_is_told_after_two_codes(ann: User) -> None:
    device = people.authenticator(ann)
    with time_machine.travel(NOW, tick=False):
        person = Person().sign_in(ann.email)
        person.submit("code", app_code(device, steps=8))
        assert "clock of your phone is" not in person.html
        person.submit("code", app_code(device, steps=9))
    assert "The clock of your phone is about 4 minutes fast" in person.page.text("error")


def test_resend_waits_and_then_sends_the_same_code(ann: User) -> None:
    people.sms(ann)
    with time_machine.travel(NOW, tick=False) as clock:
        person = Person().sign_in(ann.email)
        code = code_by_sms(ann)
        assert person.page.attributes["resend"]["data-wait"] == "30"
        person.press("resend")
        assert "That was too soon" in person.page.text("message")
        assert SmsMessage.objects.count() == 1
        clock.shift(timedelta(seconds=31))
        person.press("resend")
        assert SmsMessage.objects.count() == 2
        assert code_by_sms(ann) == code


def test_not_received_lists_the_ways_in_their_order(ann: User) -> None:
    people.sms(ann)
    people.authenticator(ann)
    person = Person().sign_in(ann.email).open("/sign-in/other/").press("way", "sms")
    words = person.page.text("not-received")
    order = ["reception", "Resend", "authenticator app", "recovery codes", "Contact support"]
    assert [words.index(word) for word in order] == sorted(words.index(word) for word in order)
    assert Challenge.objects.latest("id").public_reference in words


def test_another_way_switches_the_factor(ann: User) -> None:
    people.sms(ann)
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email).open("/sign-in/other/")
    person.press("way", "sms")
    assert "Enter the code we sent to" in person.html
    person.open("/sign-in/other/").press("way", "authenticator")
    assert "authenticator app" in person.html
    assert person.submit("code", app_code(device)).path == "/security/"


def test_an_unknown_way_changes_nothing(ann: User) -> None:
    people.authenticator(ann)
    person = Person().sign_in(ann.email).open("/sign-in/other/")
    form = person.page.form_with("way")
    answer = person.http.post("/sign-in/other/", {**form.fields, "way": "sms"})
    assert answer["Location"] == "/sign-in/other/"
    assert not SmsMessage.objects.exists()


def test_the_factor_used_last_comes_first(ann: User) -> None:
    people.sms(ann)
    people.authenticator(ann)
    person = Person().sign_in(ann.email).open("/sign-in/other/").press("way", "sms")
    person.submit("code", code_by_sms(ann)).press("")
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert "Enter the code we sent to" in Person().sign_in(ann.email).html


def test_a_recovery_code_signs_in_once_and_says_how_many_are_left(ann: User) -> None:
    people.authenticator(ann)
    code = people.codes(ann)[0]
    person = Person().sign_in(ann.email).open("/sign-in/recovery/")
    person.submit("code", code.lower().replace("-", " "))
    assert person.path == "/security/"
    assert "9 are left" in person.page.text("message")
    again = Person().sign_in(ann.email).open("/sign-in/recovery/").submit("code", code)
    assert "was used already" in again.page.text("error")


def test_what_is_no_recovery_code_is_told(ann: User) -> None:
    people.authenticator(ann)
    people.codes(ann)
    person = Person().sign_in(ann.email).open("/sign-in/recovery/").submit("code", "nonsense")
    assert "not a recovery code" in person.page.text("error")


def test_a_refused_send_is_told_and_the_other_ways_stay(ann: User) -> None:
    people.sms(ann, "+79161234567")
    person = Person().sign_in(ann.email)
    assert person.path == "/sign-in/verify/"
    assert "numbers of this country" in person.page.text("message")
    assert "Sign in another way" in person.html


def test_the_live_state_follows_the_message(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email)
    url = person.page.attributes["delivery-state"]["data-delivery"]
    message = SmsMessage.objects.get()
    seen = []
    for state in (MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED):
        SmsMessage.objects.filter(pk=message.pk).update(state=state, delivered_at=timezone.now())
        news = json.loads(person.http.get(url).content)
        seen.append((news["state"], news["step"], news["final"]))
    assert seen == [("waiting", 1, False), ("handed_over", 2, False), ("delivered", 3, True)]
    assert code_by_sms(ann) not in json.dumps(news)


def test_an_undelivered_message_says_what_to_do(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email)
    SmsMessage.objects.update(state=MessageState.FAILED, cause="sms.opted_out")
    person.open("/sign-in/verify/")
    assert "answered STOP" in person.page.text("delivery-state")
    assert "START" in person.page.text("delivery-state")
    assert "open" in person.page.attributes["not-received"]


def test_s40_the_live_state_is_for_the_session_that_asked(ann: User) -> None:
    people.sms(ann)
    url = Person().sign_in(ann.email).page.attributes["delivery-state"]["data-delivery"]
    assert Person().http.get(url).status_code == 404
    other = people.client("bob@example.com", password=PASSWORD)
    people.sms(other, "+33612345679")
    assert Person().sign_in(other.email).http.get(url).status_code == 404
    missing = "/challenges/00000000-0000-7000-8000-000000000000/status"
    assert Person().sign_in(other.email).http.get(missing).status_code == 404


def test_it_leads_on_to_the_page_that_was_asked_for(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().open("/security/sessions/")
    assert person.path == "/sign-in/?next=%2Fsecurity%2Fsessions%2F"
    person.submit("email", ann.email, password=PASSWORD).submit("code", app_code(device))
    assert person.path == "/security/sessions/"


def test_signing_out_ends_the_session_and_needs_a_post(ann: User) -> None:
    device = people.authenticator(ann)
    person = Person().sign_in(ann.email).submit("code", app_code(device))
    assert person.http.get("/sign-out/").status_code == 405
    old_cookie = person.http.cookies["__Host-session"].value
    person.press("")
    assert "You are signed out" in person.html
    assert UserSession.objects.get().ended_at
    person.http.cookies["__Host-session"] = old_cookie
    assert person.open("/security/").path.startswith("/sign-in/")
    next_code_please(device)


def test_too_many_wrong_passwords_are_answered_in_words(ann: User) -> None:
    person = Person()
    for _ in range(10):
        person.sign_in(ann.email, "wrong")
    assert person.response.status_code == 429
    assert "Wait 15 minutes" in person.page.text("paused")
    assert "no-store" in person.response["Cache-Control"]
    assert person.sign_in(ann.email).response.status_code == 429


def test_an_operator_without_a_factor_enrols_first_and_lands_in_the_back_office(db: None) -> None:
    desk = people.operator()
    desk.set_password(PASSWORD)
    desk.save()
    person = Person().sign_in(desk.email)
    assert person.path == "/security/"
    assert "needs a second factor" in person.page.text("must-enrol")
    assert person.open("/security/password/").path == "/security/"
    person.open("/security/authenticator/").press("begin")
    key = person.page.attributes["totp-key"]["data-copy"]
    person.submit("code", code_of(key))
    assert len(person.page.marked["recovery-code"]) == 10
    person.submit("kept", "on")
    assert person.path.startswith("/admin/")


def code_of(key: str) -> str:
    from twofa import totp

    return totp.code_at(key, totp.step_at(timezone.now()))
