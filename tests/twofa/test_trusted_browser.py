"""Browsers that sign in by password alone: how they begin, rotate, and end."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from backoffice.common.identifiers import uuid7
from clients import people as clients_people
from clients.models import User, UserSession
from tests.services.threads import run_together
from tests.twofa import callers, people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD, app_code, wrong_app_code
from tests.twofa.test_views_safety import addresses
from tests.twofa.trusting import (
    CHROME,
    CODE_PAGE,
    SESSION,
    TRUSTED,
    browser,
    comes_back,
    cookie,
    trusting,
)
from twofa import approvals, factor_changes, lost_device, purging, resets
from twofa.models import (
    Approval,
    Authenticator,
    CallerCheck,
    Notice,
    SmsConfirmation,
    SupportPin,
    SupportRequest,
    TrustedBrowser,
)
from twofa.models.reset import ResetScope
from twofa.models.trusted_browser import TrustEnd
from twofa.trusted_browsers import GRACE, MOST
from twofa.vocabulary import CallerProof, FactorKind, OperatorAct

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
NEWER_CHROME = CHROME.replace("131", "132")


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    # Events have ids by the real clock.
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(db: None, set_policy: Callable[..., None]) -> User:
    set_policy(trusted_browsers="on")
    return people.client(password=PASSWORD)


def only_row() -> TrustedBrowser:
    row: TrustedBrowser = TrustedBrowser.objects.get()
    return row


class TestTrusting:
    def test_it_is_a_cookie_of_this_host_alone(self, ann: User) -> None:
        person, _ = trusting(ann)
        kept = person.http.cookies[TRUSTED]
        assert kept["secure"] and kept["httponly"]
        assert kept["samesite"] == "Strict"
        assert kept["path"] == "/" and not kept["domain"]
        assert 30 * 86400 - 5 <= int(kept["max-age"]) <= 30 * 86400
        row = only_row()
        assert row.digest not in kept.value
        assert row.browser == CHROME and row.address_block == "127.0.0.0/24"
        assert Notice.objects.filter(user=ann, kind="browser_trusted").count() == 1
        assert AuditEvent.objects.filter(action="twofa.browser_trusted").count() == 1

    def test_without_the_tick_nothing_is_kept(self, ann: User) -> None:
        person, _ = signed_in_by_app(ann)
        assert not cookie(person)
        assert not TrustedBrowser.objects.exists()
        assert comes_back(person, ann) == CODE_PAGE

    def test_the_tick_outlives_a_wrong_code(self, ann: User) -> None:
        device = people.authenticator(ann)
        person = browser().sign_in(ann.email)
        assert "checked" not in person.html
        person.submit("code", wrong_app_code(device), trust="on")
        assert "checked" in person.html
        assert not cookie(person)

    @pytest.mark.parametrize("reason", ["off", "operator"])
    def test_it_is_neither_offered_nor_taken(
        self, ann: User, reason: str, set_policy: Callable[..., None]
    ) -> None:
        if reason == "off":
            set_policy(trusted_browsers="off")
        else:
            User.objects.filter(pk=ann.pk).update(is_staff=True)
        device = people.authenticator(ann)
        person = browser().sign_in(ann.email)
        assert 'name="trust"' not in person.html
        person.submit("code", app_code(device), trust="on")
        assert not cookie(person)
        assert not TrustedBrowser.objects.exists()

    def test_a_spare_code_makes_no_browser_trusted(self, ann: User) -> None:
        people.authenticator(ann)
        [code, *_] = people.codes(ann)
        person = browser().sign_in(ann.email).open("/sign-in/recovery/")
        assert 'name="trust"' not in person.html
        person.submit("code", code, trust="on")
        assert person.path == "/security/"
        assert not TrustedBrowser.objects.exists()

    def test_the_same_browser_is_listed_once_and_too_many_make_room(self, ann: User) -> None:
        person, _ = trusting(ann)
        first = only_row()
        del person.http.cookies[SESSION]
        person.http.defaults["HTTP_USER_AGENT"] = FIREFOX  # so that a code is asked for
        trusting(ann, person)
        first.refresh_from_db()
        assert first.revoked_why == TrustEnd.REPLACED
        row = TrustedBrowser.objects.get(revoked_at=None)
        for _ in range(MOST):
            row.pk = uuid7()
            row.save(force_insert=True)
        trusting(ann)
        assert TrustedBrowser.objects.filter(revoked_at=None).count() == MOST


class TestSigningIn:
    def test_the_password_alone_signs_in(self, ann: User) -> None:
        person, _ = trusting(ann)
        before = cookie(person)
        assert comes_back(person, ann) == "/security/"
        assert cookie(person) != before
        event = AuditEvent.objects.filter(action="twofa.signed_in").latest("id")
        assert event.facts == {"factor": "trusted_browser"}
        assert "Signed in by a trusted browser" in person.open("/security/activity/").html
        assert comes_back(person, ann) == "/security/"

    def test_next_is_followed(self, ann: User) -> None:
        person, _ = trusting(ann)
        del person.http.cookies[SESSION]
        assert person.sign_in(ann.email, next="/security/sms/").path == "/security/sms/"

    def test_an_update_of_the_browser_is_no_other_browser(self, ann: User) -> None:
        person, _ = trusting(ann)
        person.http.defaults["HTTP_USER_AGENT"] = NEWER_CHROME
        assert comes_back(person, ann) == "/security/"

    def test_s35_it_is_no_fresh_second_factor(self, ann: User) -> None:
        person, device = trusting(ann)
        comes_back(person, ann)
        person.open("/security/sms/").submit("phone", people.NUMBER)
        assert person.page.marked["code-step"]
        assert not SmsConfirmation.objects.exists()
        person.submit("code", app_code(device))
        assert SmsConfirmation.objects.exists()

    def test_a_support_pin_of_it_proves_the_password_only_until_a_code_is_typed(
        self, ann: User
    ) -> None:
        person, device = trusting(ann)
        comes_back(person, ann)

        def pin_proves() -> str:
            person.open("/security/")
            form = next(f for f in person.page.forms if f.action.endswith("/support-pin/"))
            person.http.post(form.action, form.fields)
            return SupportPin.objects.latest("id").factor

        assert pin_proves() == ""
        person.open("/security/sms/").submit("phone", people.NUMBER)
        person.submit("code", app_code(device))
        assert pin_proves() == "authenticator"

    def test_an_approval_from_it_proves_the_password_only(self, ann: User) -> None:
        person, _ = trusting(ann)
        comes_back(person, ann)
        callers.asked_to_approve(ann, people.operator())
        person.open("/approve/").press("answer", "yes")
        assert CallerCheck.objects.get().proof == CallerProof.PASSWORD

    def test_it_forgives_no_wrong_code(self, ann: User) -> None:
        person, device = trusting(ann)
        people.try_code(ann, wrong_app_code(device))
        comes_back(person, ann)
        ann.verification_state.refresh_from_db()
        assert ann.verification_state.failures == 1

    def test_it_costs_no_more_queries_than_a_code_does(self, ann: User) -> None:
        person, device = trusting(ann)
        del person.http.cookies[SESSION]
        with CaptureQueriesContext(connection) as by_trust:
            person.sign_in(ann.email)
        stranger = browser()
        with CaptureQueriesContext(connection) as by_code:
            stranger.sign_in(ann.email).submit("code", app_code(device))
        assert len(by_trust) <= len(by_code)


class TestRotation:
    def test_an_old_secret_shown_again_ends_the_trust_and_is_told(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        person, _ = trusting(ann)
        thief = browser()
        thief.http.cookies[TRUSTED] = cookie(person)
        comes_back(person, ann)
        clock.shift(GRACE)
        assert comes_back(thief, ann) == CODE_PAGE
        assert only_row().revoked_why == TrustEnd.COPIED
        assert Notice.objects.filter(user=ann, kind="trust_copied").count() == 1
        assert AuditEvent.objects.filter(action="twofa.trust_copied").count() == 1
        assert comes_back(person, ann) == CODE_PAGE

    def test_an_answer_that_was_lost_costs_nothing_within_a_minute(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        person, _ = trusting(ann)
        before = cookie(person)
        comes_back(person, ann)
        lost = cookie(person)
        person.http.cookies[TRUSTED] = before
        clock.shift(GRACE - timedelta(seconds=1))
        assert comes_back(person, ann) == "/security/"
        assert cookie(person) == lost
        clock.shift(GRACE)
        assert comes_back(person, ann) == "/security/"

    @pytest.mark.django_db(transaction=True)
    def test_tabs_that_sign_in_at_once_all_come_in_and_keep_one_secret(
        self, set_policy: Callable[..., None]
    ) -> None:
        set_policy(trusted_browsers="on")
        ann = people.client(password=PASSWORD)
        person, _ = trusting(ann)
        tabs = [browser() for _ in range(4)]
        for tab in tabs:
            tab.http.cookies[TRUSTED] = cookie(person)
        assert run_together(4, lambda n: comes_back(tabs[n], ann)) == ["/security/"] * 4
        assert len({cookie(tab) for tab in tabs}) == 1
        assert only_row().revoked_at is None
        assert comes_back(tabs[0], ann) == "/security/"


def enable_sms(ann: User, person: Person) -> None:
    with transaction.atomic():
        factor_changes.put_in_force(ann, people.sms(ann, confirmed=False))


def disable_sms(ann: User, person: Person) -> None:
    with transaction.atomic():
        factor_changes.remove(ann, (FactorKind.SMS,))


def reset_by_an_operator(ann: User, person: Person) -> None:
    people.sms(ann)
    resets.disable(ann, ResetScope.SMS, operator=None, reason="lost", client_request=True)


def make_recovery_codes(ann: User, person: Person) -> None:
    person.open("/security/recovery-codes/").press("make")
    person.submit("code", app_code(Authenticator.objects.get()))
    assert person.page.marked["recovery-code"]


def change_the_password_by_a_command(ann: User, person: Person) -> None:
    ann.set_password("another horse battery")
    ann.save()


def lock_for_good(ann: User, person: Person) -> None:
    device = Authenticator.objects.get()
    for _ in range(2):
        people.try_code(ann, wrong_app_code(device))


def sign_out_everywhere(ann: User, person: Person) -> None:
    other, _ = trusting(ann)
    other.open("/security/sessions/").press("end_others")


def sign_that_session_out(ann: User, person: Person) -> None:
    other, _ = signed_in_by_app_again(ann)
    other.open("/security/sessions/").press("end", str(only_row().session_id))


def signed_in_by_app_again(ann: User) -> tuple[Person, Authenticator]:
    device = Authenticator.objects.get()
    return Person().sign_in(ann.email).submit("code", app_code(device)), device


def end_sessions_as_an_operator(ann: User, person: Person) -> None:
    clients_people.end_sessions(ann.client, operator=people.operator())


def end_that_session_as_an_operator(ann: User, person: Person) -> None:
    row = UserSession.objects.get(user=ann)
    clients_people.end_sessions(ann.client, operator=people.operator(), only=row)


def block_and_unblock(ann: User, person: Person) -> None:
    desk = people.operator()
    clients_people.block(ann.client, operator=desk, reason="fraud")
    clients_people.unblock(ann.client, operator=desk, reason="cleared")


def say_not_me(ann: User, person: Person) -> None:
    asked = approvals.ask(ann, OperatorAct.UNLOCK, operator=people.operator())
    assert isinstance(asked, Approval)
    approvals.answer(asked.pk, approved=False, proof=CallerProof.LINK)


def deny_a_lost_device(ann: User, person: Person) -> None:
    asked = lost_device.ask(ann)
    assert isinstance(asked, SupportRequest)
    lost_device.deny(asked.pk, proof=CallerProof.LINK)


def stop(ann: User, person: Person) -> None:
    person.open("/security/sessions/").press("stop", str(only_row().pk))


def stop_all(ann: User, person: Person) -> None:
    other, _ = trusting(ann)
    other.open("/security/sessions/").press("stop_all")


ENDINGS: list[tuple[Callable[[User, Person], None], TrustEnd | str]] = [
    (enable_sms, TrustEnd.FACTOR_CHANGED),
    (disable_sms, TrustEnd.FACTOR_CHANGED),
    (reset_by_an_operator, TrustEnd.FACTOR_CHANGED),
    (make_recovery_codes, TrustEnd.RECOVERY_CODES_MADE),
    (change_the_password_by_a_command, ""),
    (lock_for_good, TrustEnd.HARD_LOCKED),
    (sign_out_everywhere, TrustEnd.SIGNED_OUT),
    (sign_that_session_out, TrustEnd.SIGNED_OUT),
    (end_sessions_as_an_operator, TrustEnd.SIGNED_OUT),
    (end_that_session_as_an_operator, TrustEnd.SIGNED_OUT),
    (block_and_unblock, TrustEnd.SIGNED_OUT),
    (say_not_me, TrustEnd.DENIED),
    (deny_a_lost_device, TrustEnd.DENIED),
    (stop, TrustEnd.STOPPED),
    (stop_all, TrustEnd.STOPPED),
]


class TestEnding:
    @pytest.mark.parametrize(("happens", "why"), ENDINGS, ids=lambda v: getattr(v, "__name__", ""))
    def test_from_then_on_a_code_is_asked_for(
        self,
        ann: User,
        happens: Callable[[User, Person], None],
        why: str,
        set_policy: Callable[..., None],
    ) -> None:
        set_policy(tries="20", hard_lock_tries="2")
        person, _ = trusting(ann)
        first = only_row()
        happens(ann, person)
        first.refresh_from_db()
        assert first.revoked_why == why
        ann.refresh_from_db()
        password = PASSWORD if ann.check_password(PASSWORD) else "another horse battery"
        person.http.cookies.pop(SESSION, None)
        assert person.sign_in(ann.email, password).path in {CODE_PAGE, "/sign-in/other/"}

    def test_signing_out_here_keeps_the_trust(self, ann: User) -> None:
        person, _ = trusting(ann)
        token = person.page.forms[0].fields["csrfmiddlewaretoken"]
        person.http.post("/sign-out/", {"csrfmiddlewaretoken": token})
        assert person.sign_in(ann.email).path == "/security/"

    def test_s43_a_session_that_it_began_is_unverified_at_once(self, ann: User) -> None:
        person, _ = trusting(ann)
        comes_back(person, ann)
        person.open("/security/sessions/").press("stop", str(only_row().pk))
        assert person.path.startswith("/sign-in/")
        for path in addresses():
            assert 'data-test="signed-in"' not in person.open(path).html, path

    def test_switched_off_it_ends_at_once_and_does_not_come_back(
        self, ann: User, set_policy: Callable[..., None]
    ) -> None:
        person, _ = trusting(ann)
        comes_back(person, ann)
        set_policy(trusted_browsers="off")
        assert person.open("/security/").path.startswith("/sign-in/")
        assert comes_back(person, ann) == CODE_PAGE
        purging.purge()
        set_policy(trusted_browsers="on")
        assert comes_back(person, ann) == CODE_PAGE
        assert only_row().revoked_why == TrustEnd.SWITCHED_OFF

    def test_it_ends_after_its_days_however_often_it_is_used(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        person, _ = trusting(ann)
        clock.shift(timedelta(days=29))
        assert comes_back(person, ann) == "/security/"
        clock.shift(timedelta(days=1))
        assert comes_back(person, ann) == CODE_PAGE

    def test_fewer_days_count_at_once(
        self, ann: User, set_policy: Callable[..., None], clock: "time_machine.Traveller"
    ) -> None:
        person, _ = trusting(ann)
        set_policy(trusted_browser_days="2")
        clock.shift(timedelta(days=2))
        assert comes_back(person, ann) == CODE_PAGE


class TestWhatDoesNotCount:
    def test_another_account(self, ann: User) -> None:
        person, _ = trusting(ann)
        bob = people.client("bob@example.com", password=PASSWORD)
        people.authenticator(bob)
        assert comes_back(person, bob) == CODE_PAGE
        assert comes_back(person, ann) == "/security/"

    @pytest.mark.parametrize("edited", ["", "x", "é\x7f", "a:b:c", "1" * 5000])
    def test_a_cookie_of_ones_own_making(self, ann: User, edited: str) -> None:
        person, _ = trusting(ann)
        person.http.cookies[TRUSTED] = edited
        assert comes_back(person, ann) == CODE_PAGE
        assert only_row().revoked_at is None

    def test_an_edited_cookie(self, ann: User) -> None:
        person, _ = trusting(ann)
        value = cookie(person)
        person.http.cookies[TRUSTED] = ("0" if value[0] != "0" else "1") + value[1:]
        assert comes_back(person, ann) == CODE_PAGE

    def test_another_kind_of_browser(self, ann: User) -> None:
        person, _ = trusting(ann)
        person.http.defaults["HTTP_USER_AGENT"] = FIREFOX
        assert comes_back(person, ann) == CODE_PAGE
        person.http.defaults["HTTP_USER_AGENT"] = CHROME
        assert comes_back(person, ann) == "/security/", "no theft: many browsers can pose"

    def test_while_codes_are_locked(
        self, ann: User, set_policy: Callable[..., None], clock: "time_machine.Traveller"
    ) -> None:
        set_policy(tries="2")
        person, device = trusting(ann)
        for _ in range(2):
            people.try_code(ann, wrong_app_code(device))
        assert comes_back(person, ann) == CODE_PAGE
        clock.shift(timedelta(minutes=15))
        assert comes_back(person, ann) == "/security/"

    def test_a_method_that_is_switched_off(
        self, ann: User, set_policy: Callable[..., None]
    ) -> None:
        person, _ = trusting(ann)
        set_policy(methods="sms")
        assert comes_back(person, ann) == "/sign-in/other/"

    def test_one_who_became_an_operator(self, ann: User) -> None:
        person, _ = trusting(ann)
        comes_back(person, ann)
        User.objects.filter(pk=ann.pk).update(is_staff=True, is_superuser=True)
        assert person.open("/admin/").path != "/admin/"
        assert person.open("/security/").path.startswith("/sign-in/")
        assert comes_back(person, ann) == CODE_PAGE


class TestThePage:
    def test_it_lists_what_is_trusted_and_where(self, ann: User) -> None:
        person, _ = trusting(ann)
        person.open("/security/sessions/")
        shown = person.page.text("trusted-browser")
        assert "Chrome on Windows" in shown and "This browser" in shown
        assert "127.0.0.x" in shown
        assert "127.0.0.1" not in person.html

    def test_s40_anothers_browser_is_answered_as_a_missing_one(self, ann: User) -> None:
        trusting(ann)
        theirs = only_row()
        bob = people.client("bob@example.com", password=PASSWORD)
        person, _ = signed_in_by_app(bob)
        token = person.page.forms[0].fields["csrfmiddlewaretoken"]
        for wanted in (str(theirs.pk), "0" * 32, "nonsense"):
            fields = {"stop": wanted, "csrfmiddlewaretoken": token}
            assert person.http.post("/security/sessions/", fields).status_code == 404
        theirs.refresh_from_db()
        assert theirs.revoked_at is None


def test_what_is_long_over_is_purged(ann: User, clock: "time_machine.Traveller") -> None:
    trusting(ann)
    clock.shift(timedelta(days=30 + 89))
    purging.purge()
    assert TrustedBrowser.objects.exists()
    clock.shift(timedelta(days=2))
    purging.purge()
    assert not TrustedBrowser.objects.exists()
