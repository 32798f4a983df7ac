"""What the door tells before it is too late: usual delays, ends of lives, locks, idle sessions."""

import gzip
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backoffice.bundles import bundle
from clients import sessions
from clients.models import User, UserSession
from smsproviders import usual_arrival
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState
from tests.twofa import people
from tests.twofa.pages import Person, code_by_sms, next_code_please, signed_in_by_app
from tests.twofa.people import NUMBER, PASSWORD, app_code
from twofa.models import VerificationState
from twofa.views.delivery import usually
from twofa.vocabulary import FactorKind

NOW = "2026-11-24T10:00:00Z"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


@pytest.fixture(autouse=True)
def _routes_are_asked_about_anew() -> None:
    usual_arrival.forget()


def arrived(provider: SmsProvider, *, after: list[float]) -> None:
    """Messages to France that the provider delivered lately."""
    for seconds in after:
        taken = timezone.now() - timedelta(minutes=5)
        message = SmsMessage.objects.create(
            number=NUMBER,
            country="FR",
            purpose="sign_in",
            reference=str(uuid4()),
            state=MessageState.DELIVERED,
            created_at=taken,
            accepted_at=taken,
            delivered_at=taken + timedelta(seconds=seconds),
            expires_at=taken + timedelta(minutes=5),
        )
        handed_over(message, provider)


def handed_over(message: SmsMessage, provider: SmsProvider) -> None:
    SmsAttempt.objects.create(
        message=message,
        provider=provider,
        provider_caption=provider.caption,
        number=1,
        country="FR",
        sender="Shop",
        decision=Decision.DONE,
        started_at=message.created_at,
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Usually within 5 seconds"),
        (12, "Usually within 20 seconds"),
        (31, "Usually within 1 minute"),
        (100, "Usually within 2 minutes"),
        (500, ""),
    ],
)
def test_the_usual_delay_is_rounded_up_to_what_people_say(seconds: int, words: str) -> None:
    assert usually(timedelta(seconds=seconds)) == words


def test_the_usual_delay_is_that_of_the_route_and_asked_about_once(
    ann: User, django_assert_num_queries: object
) -> None:
    provider = SmsProvider.objects.create(caption="One", name="one", backend="sandbox")
    arrived(provider, after=[3, 4, 4, 5, 6, 7, 8, 9, 18, 170])
    people.sms(ann)
    person = Person().sign_in(ann.email)
    message = SmsMessage.objects.latest("id")
    handed_over(message, provider)
    SmsMessage.objects.filter(pk=message.pk).update(
        state=MessageState.ACCEPTED, accepted_at=timezone.now()
    )
    line = person.open("/sign-in/verify/").page.text("delivery-state")
    assert "Handed to the mobile network." in line
    assert "From Shop" in line
    assert "Usually within 20 seconds" in line
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert usual_arrival.usual_arrival(provider.pk, "FR") == timedelta(seconds=18)


def test_where_few_receipts_came_nothing_is_promised(ann: User) -> None:
    provider = SmsProvider.objects.create(caption="One", name="one", backend="sandbox")
    arrived(provider, after=[3, 4])
    assert usual_arrival.usual_arrival(provider.pk, "FR") is None


def test_the_page_tells_until_when_a_code_is_valid_and_then_that_it_has_expired(ann: User) -> None:
    people.sms(ann)
    with time_machine.travel(NOW, tick=False) as clock:
        person = Person().sign_in(ann.email)
        SmsMessage.objects.update(state=MessageState.DELIVERED, delivered_at=timezone.now())
        person.open("/sign-in/verify/")
        assert person.page.attributes["valid-until"]["datetime"] == "2026-11-24T10:05:00+00:00"
        assert person.page.attributes["delivery-state"]["data-ends"] == "300"
        address = person.page.attributes["delivery-state"]["data-delivery"]
        clock.shift(timedelta(minutes=6))
        told = person.http.get(address).json()
    assert (told["state"], told["live"], told["final"]) == ("expired", False, True)
    assert told["button"] == "Send a new code"


def test_a_lock_stands_on_the_page_however_often_it_is_opened_and_is_told_once(ann: User) -> None:
    people.sms(ann)
    with time_machine.travel(NOW, tick=False):
        until = timezone.now() + timedelta(minutes=14)
        VerificationState.objects.create(user=ann, failures=5, locked_until=until)
        person = Person().sign_in(ann.email)
        for _ in range(2):
            assert person.html.count("Locked after too many wrong codes") == 1
            assert "is taken before 10:14" in person.page.text("error")
            assert 'data-wait="840"' in person.html
            person.open("/sign-in/verify/")


def test_a_sign_in_tells_how_long_it_waits_and_begins_again_for_the_same_page(ann: User) -> None:
    people.authenticator(ann)
    with time_machine.travel(NOW, tick=False) as clock:
        person = Person().sign_in(ann.email, next="/security/sessions/")
        assert "this sign-in waits until" in person.html
        assert 'datetime="2026-11-24T10:10:00+00:00"' in person.html
        clock.shift(timedelta(minutes=11))
        person.submit("code", "123456")
    assert person.path == "/sign-in/?next=%2Fsecurity%2Fsessions%2F"
    assert "begun too long ago" in person.page.text("message")


def test_an_error_that_is_told_on_the_next_page_takes_the_focus(ann: User) -> None:
    people.sms(ann)
    person = Person().sign_in(ann.email).press("resend")
    assert "too soon" in person.page.text("message")
    told = person.page.attributes["message"]
    assert (told["role"], told["tabindex"]) == ("alert", "-1")
    assert "autofocus" in told


class TestWhatIsAskedFirst:
    def test_the_client_chooses_it_with_a_fresh_code(self, ann: User) -> None:
        person, device = signed_in_by_app(ann)
        people.sms(ann)
        person.open("/security/").submit("prefer", "sms")
        assert "what sign-in asks for first" in person.html
        assert not VerificationState.objects.get(user=ann).preferred_factor
        person.submit("code", app_code(device))
        assert "Your choice is kept" in person.page.text("message")
        assert "checked" in person.page.attributes["prefer-sms"]
        assert "changed: SMS confirmation" in person.page.text("last-activity")
        assert "Enter the code we sent to" in Person().sign_in(ann.email).html

    def test_a_preferred_factor_that_is_off_is_passed_over(self, ann: User) -> None:
        people.authenticator(ann)
        VerificationState.objects.create(user=ann, preferred_factor=FactorKind.SMS)
        assert "authenticator app" in Person().sign_in(ann.email).html

    def test_only_what_is_on_can_be_chosen(self, ann: User) -> None:
        person, device = signed_in_by_app(ann)
        person.open("/security/authenticator/").press("begin").submit("code", app_code(device))
        token = person.page.forms[0].fields["csrfmiddlewaretoken"]
        for wanted in ("sms", "recovery", "nonsense"):
            fields = {"prefer": wanted, "csrfmiddlewaretoken": token}
            assert person.http.post("/security/", fields).status_code in {302, 303}
        assert not VerificationState.objects.get(user=ann).preferred_factor

    def test_with_one_factor_there_is_nothing_to_choose(self, ann: User) -> None:
        person, _ = signed_in_by_app(ann)
        assert "preferred" not in person.page.marked


class TestAnIdleSession:
    def test_the_page_knows_for_how_long(self, ann: User) -> None:
        person = Person().sign_in(ann.email)
        assert person.page.attributes["idle"]["data-idle"] == str(59 * 60)
        assert "After 60 minutes without activity" in person.html

    def test_staying_prolongs_it(self, ann: User) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            person = Person().sign_in(ann.email)
            token = person.page.forms[0].fields["csrfmiddlewaretoken"]
            clock.shift(timedelta(minutes=58))
            stay = {"csrfmiddlewaretoken": token}
            assert person.http.post("/stay/", stay).status_code == 204
            clock.shift(timedelta(minutes=58))
            assert person.open("/security/").path == "/security/"
            clock.shift(sessions.CLIENT_IDLE)
            assert person.http.post("/stay/", stay).status_code == 403
        assert UserSession.objects.get().ended_at


def test_a_confirmation_tells_until_when_it_holds(ann: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        people.sms(ann)
        person = Person().sign_in(ann.email).submit("code", code_by_sms(ann))
        clock.shift(timedelta(minutes=1))
        person.open("/security/password/").press("begin").submit("code", code_by_sms(ann))
        assert "It holds until <time" in person.html
        clock.shift(timedelta(minutes=6))
        fresh = {"new_password": "new horse battery", "repeated": "new horse battery"}
        person.submit("password", PASSWORD, **fresh)
    assert "confirm once more" in person.page.text("message")
    assert ann.check_password(PASSWORD)


def test_a_new_app_is_named_opened_on_a_phone_and_the_old_entry_told_to_go(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    people.codes(ann)
    person.open("/security/authenticator/").press("begin").submit("code", app_code(device))
    assert person.page.attributes["open-app"]["href"].startswith("otpauth://totp/")
    assert "shows the entry as Back Office" in person.html
    next_code_please(device)
    key = person.page.attributes["totp-key"]["data-copy"]
    device.seed = key
    person.submit("code", app_code(device))
    assert "delete its entry" in person.page.text("message")


class TestOneStyleSheetAndOneScript:
    def test_a_page_loads_no_more_than_its_icon_besides(self, ann: User) -> None:
        html = Person().sign_in(ann.email).html
        loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', html)
        assert loaded[1:] == [bundle("css").address, bundle("js").address]
        assert len(loaded) == 3

    @pytest.mark.parametrize("kind", ["css", "js"])
    def test_it_comes_packed_is_kept_for_ever_and_knows_no_session(self, kind: str) -> None:
        answer = Client().get(bundle(kind).address, headers={"accept-encoding": "gzip"})
        assert gzip.decompress(answer.content) == bundle(kind).content
        assert "immutable" in answer["Cache-Control"]
        assert answer["Vary"] == "Accept-Encoding"
        assert len(answer.content) < 5_000
        assert Client().get(bundle(kind).address).content == bundle(kind).content

    def test_a_page_from_before_a_deployment_gets_the_present_one_and_keeps_it_not(self) -> None:
        answer = Client().get("/bundle/000000000000.css")
        assert answer.content == bundle("css").content
        assert answer["Cache-Control"] == "no-cache"
        assert Client().post("/bundle/000000000000.css").status_code == 404
