"""Profile > Security over HTTP: enable, replace, disable, and a fresh code before each change."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clients.models import User, UserSession
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.pages import Person, code_by_sms, next_code_please, signed_in_by_app
from tests.twofa.people import PASSWORD, app_code
from twofa import resets, totp
from twofa.models import Authenticator, Notice, RecoveryCode, SmsConfirmation
from twofa.models.reset import ResetScope

NUMBER = "+33612345678"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def shown_key(person: Person) -> str:
    key = person.page.attributes["totp-key"]["data-copy"]
    assert person.page.text("totp-key") == key, "grouped for the eye only"
    return key


def code_of(key: str) -> str:
    return totp.code_at(key, totp.step_at(timezone.now()))


def test_a_client_enables_the_authenticator_and_gets_recovery_codes(ann: User) -> None:
    person = Person().sign_in(ann.email)
    assert person.page.text("factor-authenticator-status") == "Off"
    person.open("/security/authenticator/").press("begin")
    assert "<svg" in person.html
    person.submit("code", code_of(shown_key(person)))
    codes = person.page.marked["recovery-code"]
    assert len(set(codes)) == 10
    person.submit("kept", "on")
    assert person.path == "/security/"
    assert person.page.text("factor-authenticator-status") == "On"
    assert person.page.text("factor-recovery-status") == "10 left"


def test_s38_the_key_stands_behind_no_get(ann: User) -> None:
    person = Person().sign_in(ann.email).open("/security/authenticator/").press("begin")
    key = shown_key(person)
    person.open("/security/authenticator/")
    assert key not in person.html
    assert not Authenticator.objects.get().confirmed


def test_a_wrong_code_while_enrolling_shows_the_same_key_again(ann: User) -> None:
    person = Person().sign_in(ann.email).open("/security/authenticator/").press("begin")
    key = shown_key(person)
    person.submit("code", "12")
    assert "Some digits are missing" in person.page.text("error")
    assert shown_key(person) == key
    assert person.submit("code", code_of(key)).page.marked["recovery-code"]


def test_without_the_tick_it_does_not_go_on_and_says_that_codes_do_not_come_again(
    ann: User,
) -> None:
    person = Person().sign_in(ann.email).open("/security/authenticator/").press("begin")
    person.submit("code", code_of(shown_key(person)))
    form = person.page.form_with("kept")
    answer = person.http.post(form.action, form.fields, follow=True)
    assert answer.redirect_chain[-1][0] == "/security/recovery-codes/"
    assert "not shown again" in answer.content.decode()


def test_a_client_enables_sms_confirmation(ann: User) -> None:
    person = Person().sign_in(ann.email).open("/security/sms/")
    assert "Less safe than an app" in person.html
    person.submit("phone", "+33 6 12 34 56 78")
    assert person.path == "/security/sms/"
    assert "Enter the code we sent to ••78" in person.html
    person.submit("code", code_by_sms(ann))
    assert person.page.marked["recovery-code"]
    assert SmsConfirmation.objects.get().confirmed
    person.open("/security/")
    assert person.page.text("factor-sms-status") == "On"
    assert NUMBER not in person.html


def test_a_national_number_is_read_as_one_of_the_clients_country(ann: User) -> None:
    ann.client.country = "FR"
    ann.client.save()
    Person().sign_in(ann.email).open("/security/sms/").submit("phone", "06 12 34 56 78")
    assert str(SmsConfirmation.objects.get().number) == NUMBER


@pytest.mark.parametrize("typed", ["", "12", "+33 1 23", "not a number", "+33612345678" * 20])
def test_what_is_no_number_is_told(ann: User, typed: str) -> None:
    person = Person().sign_in(ann.email).open("/security/sms/").submit("phone", typed)
    assert "number" in person.page.text("error")
    assert not SmsMessage.objects.exists()


def test_the_number_can_be_edited_while_enrolling(ann: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        person = Person().sign_in(ann.email).open("/security/sms/").submit("phone", NUMBER)
        assert "/security/sms/?number=edit" in person.html
        clock.shift(timedelta(seconds=31))
        person.open("/security/sms/?number=edit").submit("phone", "+33612345679")
        assert "••79" in person.html
        person.submit("code", code_by_sms(ann))
    assert str(SmsConfirmation.objects.get(confirmed=True).number) == "+33612345679"


def test_the_number_that_is_on_is_shown_nowhere_in_full(ann: User) -> None:
    people.sms(ann)
    ann.client.phone = NUMBER
    ann.client.save()
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        person = Person().sign_in(ann.email).submit("code", code_by_sms(ann))
        person.open("/security/sms/")
    assert person.page.form_with("phone").fields["phone"] == ""
    assert "612345678" not in person.html.replace(" ", "").replace("example+33612345678", "")


def test_a_refused_number_is_told_where_it_was_typed(ann: User) -> None:
    person = Person().sign_in(ann.email).open("/security/sms/").submit("phone", "+79161234567")
    assert "no codes to this country: Russia" in person.page.text("error")
    assert person.page.form_with("phone").fields["phone"]


def test_s35_a_change_asks_for_a_fresh_code_and_then_goes_on_by_itself(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    people.codes(ann)
    person.open("/security/sms/").submit("phone", NUMBER)
    assert "Confirm that it is you" in person.html
    assert not SmsConfirmation.objects.exists()
    person.submit("code", app_code(device))
    assert "Enter the code we sent to ••78" in person.html
    person.submit("code", code_by_sms(ann))
    assert person.path == "/security/"
    assert person.page.text("factor-sms-status") == "On"


def test_s35_a_wrong_code_changes_nothing(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    person.open("/security/authenticator/").press("disable")
    person.submit("code", people.wrong_app_code(device))
    assert "This code is not right" in person.page.text("error")
    assert Authenticator.objects.get().confirmed
    person.submit("code", app_code(device))
    assert person.path == "/security/"
    assert not Authenticator.objects.exists()


def test_s35_without_a_factor_the_password_is_asked(ann: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        person = Person().sign_in(ann.email)
        clock.shift(timedelta(minutes=6))
        person.open("/security/authenticator/").press("begin")
        assert "totp-key" not in person.page.marked
        person.submit("password", "wrong")
        assert "not your password" in person.page.text("error")
        person.submit("password", PASSWORD)
        assert shown_key(person)


def test_confirming_by_sms_sends_a_code_only_on_a_post(ann: User) -> None:
    people.sms(ann)
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        person = Person().sign_in(ann.email).submit("code", code_by_sms(ann))
        clock.shift(timedelta(minutes=3))
        person.open("/security/authenticator/")
        assert SmsMessage.objects.count() == 1
        person.press("begin")
        assert SmsMessage.objects.count() == 2
        clock.shift(timedelta(minutes=3))
        person.press("send_again")
        assert SmsMessage.objects.count() == 3
        person.submit("code", code_by_sms(ann))
        assert shown_key(person)


def test_another_way_of_confirming_can_be_chosen(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    people.sms(ann)
    codes = people.codes(ann)
    person.open("/security/sms/").press("disable").press("way", "sms")
    assert "Enter the code we sent to" in person.html
    person.press("way", "recovery").submit("code", codes[0])
    assert person.path == "/security/"
    assert not SmsConfirmation.objects.exists()
    assert Authenticator.objects.filter(pk=device.pk, confirmed=True).exists()


def test_the_authenticator_is_replaced_without_being_without_one(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    person.open("/security/authenticator/").press("begin").submit("code", app_code(device))
    key = shown_key(person)
    assert Authenticator.objects.filter(confirmed=True).get() == device
    person.submit("code", code_of(key))
    assert Authenticator.objects.get().seed == key


def test_the_last_factor_stays_where_one_is_required(ann: User, set_policy: object) -> None:
    set_policy(require_two_factor="on")  # type: ignore[operator]
    person, device = signed_in_by_app(ann)
    person.open("/security/authenticator/")
    assert "Replace it instead" in person.html
    assert not any("disable" in dict(form.buttons) for form in person.page.forms)
    form = person.page.form_with("begin")
    fields = {**form.fields, "disable": "1", "step_up": "1", "code": app_code(device)}
    person.http.post("/security/authenticator/", fields)
    assert Authenticator.objects.get().confirmed


def test_new_recovery_codes_are_made_and_the_old_ones_are_void(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    old = people.codes(ann)
    person.open("/security/recovery-codes/").press("make").submit("code", app_code(device))
    fresh = [code.strip() for code in person.page.marked["recovery-code"]]
    assert len(fresh) == 10
    assert not set(fresh) & set(old)
    assert RecoveryCode.objects.count() == 10


def test_recovery_codes_need_a_factor_first(ann: User) -> None:
    person = Person().sign_in(ann.email).open("/security/recovery-codes/")
    assert "First set up" in person.html
    assert not any("make" in dict(form.buttons) for form in person.page.forms)


def test_the_password_is_changed_after_a_code_and_ends_other_sessions(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    other = Person().sign_in(ann.email).submit("code", app_code(device))
    next_code_please(device)
    person.open("/security/password/").press("begin").submit("code", app_code(device))
    assert person.path == "/security/password/"
    person.submit(
        "password", PASSWORD, new_password="new horse battery", repeated="new horse battery"
    )
    assert "password is changed" in person.page.text("message")
    assert Notice.objects.filter(user=ann, kind="password_changed").exists()
    ann.refresh_from_db()
    assert ann.check_password("new horse battery")
    assert person.open("/security/").path == "/security/"
    assert other.open("/security/").path.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("present", "new", "repeated", "told"),
    [
        ("wrong", "new horse battery", "new horse battery", "not your present password"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, "new horse battery", "new horse batteries", "differ"),
        (PASSWORD, PASSWORD, PASSWORD, "This is your present password"),
        (PASSWORD, "", "", "Enter your password"),
    ],
)
def test_a_password_that_will_not_do_is_told(
    ann: User, present: str, new: str, repeated: str, told: str
) -> None:
    person = Person().sign_in(ann.email).open("/security/password/")
    person.submit("password", present, new_password=new, repeated=repeated)
    assert told in person.html
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_sessions_are_listed_and_ended_one_or_all(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    others = []
    for _ in range(2):
        others.append(Person(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/605"}))
        others[-1].sign_in(ann.email).submit("code", app_code(device))
        next_code_please(device)
    person.open("/security/sessions/")
    assert len(person.page.marked["session"]) == 3
    assert "Safari on iPhone" in person.html
    person.press("end", person.page.attributes["end-session"]["value"])
    assert len(person.page.marked["session"]) == 2
    person.press("end_others")
    assert len(person.page.marked["session"]) == 1
    assert all(other.open("/security/").path.startswith("/sign-in/") for other in others)


def test_s40_anothers_session_is_answered_as_a_missing_one(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    bob = people.client("bob@example.com", password=PASSWORD)
    Person().sign_in(bob.email)
    theirs = UserSession.objects.get(user=bob)
    token = person.open("/security/").page.forms[0].fields["csrfmiddlewaretoken"]
    for wanted in (str(theirs.pk), "0" * 32, "nonsense"):
        answer = person.http.post(
            "/security/sessions/", {"end": wanted, "csrfmiddlewaretoken": token}
        )
        assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_activity_tells_what_happened_in_the_clients_words(ann: User) -> None:
    Person().sign_in(ann.email, "wrong")
    person, device = signed_in_by_app(ann)
    person.open("/security/authenticator/").press("disable").submit("code", app_code(device))
    person.open("/security/activity/")
    words = " ".join(" ".join(person.page.marked["event"]).split())
    assert "Switched off: Google Authenticator" in words
    assert "Signed in: Google Authenticator" in words
    assert "A wrong password was typed" in words


def test_after_a_reset_by_an_operator_the_page_says_so(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    desk = people.operator()
    resets.disable(
        ann, ResetScope.ALL, operator=desk, reason="phone lost", client_request=True, ticket="7"
    )
    assert person.open("/security/").path.startswith("/sign-in/")
    person.sign_in(ann.email)
    assert "Support switched your second factor off" in person.page.text("reset-notice")
    assert "phone lost" not in person.html


def test_a_client_who_must_have_a_factor_sees_only_enrolment(ann: User, set_policy: object) -> None:
    set_policy(require_two_factor="on")  # type: ignore[operator]
    person = Person().open("/security/activity/")
    person.submit("email", ann.email, password=PASSWORD)
    assert person.path == "/security/"
    for path in ("password", "sessions", "activity", "recovery-codes"):
        assert person.open(f"/security/{path}/").path == "/security/"
    person.open("/security/authenticator/").press("begin")
    person.submit("code", code_of(shown_key(person))).submit("kept", "on")
    assert person.path == "/security/activity/"
