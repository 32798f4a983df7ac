"""Password, then code, then the session: what each step keeps, changes and refuses."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients import sessions
from clients.models import Client, ClientStatus, User, UserSession
from tests.services.threads import run_together
from tests.services.waiting import wait_until
from tests.twofa import people
from tests.twofa.people import PASSWORD, Browser, app_code
from twofa import factor_facts, locks, resets, sign_in
from twofa.models import Authenticator
from twofa.models.reset import ResetScope
from twofa.results import Refused, Started, Verified
from twofa.sign_in import Access, Next, NoHalfSignIn
from twofa.vocabulary import CodeOutcome, FactorKind, SendOutcome

NOW = "2026-11-24T10:00:05Z"
TOTP = FactorKind.AUTHENTICATOR


def with_password(browser: Browser, user: User) -> Next:
    with browser.visit() as request:
        found = sign_in.check_password(request, email=f" {user.email.upper()}", password=PASSWORD)
        assert found == user
        return sign_in.begin(request, found)


def with_code(browser: Browser, code: str, factor: FactorKind = TOTP) -> Verified | Refused:
    with browser.visit() as request:
        return sign_in.verify(request, factor=factor, code=code)


def access(browser: Browser) -> Access:
    with browser.visit() as request:
        return sign_in.access(request)


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def test_a_client_signs_in_with_password_and_code(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    assert with_password(browser, ann) is Next.CODE
    half_key = browser.key
    assert access(browser) is Access.NOTHING
    assert isinstance(with_code(browser, app_code(device)), Verified)
    assert access(browser) is Access.EVERYTHING
    # S24: a new id at the code, and the old one is dead.
    assert browser.key != half_key
    assert not Session.objects.filter(session_key=half_key).exists()
    assert UserSession.objects.get().session_key == browser.key


@pytest.mark.django_db
def test_s25_between_the_steps_the_session_holds_no_password(ann: User) -> None:
    people.authenticator(ann)
    browser = Browser()
    with_password(browser, ann)
    kept = Session.objects.get(session_key=browser.key).get_decoded()
    assert set(kept) == {"half_sign_in", "code_binding"}
    assert set(kept["half_sign_in"]) == {"user", "backend", "began_at", "password"}
    assert PASSWORD not in json.dumps(kept)
    assert ann.password not in json.dumps(kept)
    assert len(kept["half_sign_in"]["password"]) == 24


def test_s24_a_session_id_set_before_the_password_is_not_kept(ann: User) -> None:
    people.authenticator(ann)
    browser = Browser()
    with browser.visit() as request:
        request.session["planted"] = "by somebody else"
    planted = browser.key
    with_password(browser, ann)
    assert browser.key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_s24_signing_in_anew_ends_the_session_before(ann: User) -> None:
    browser = Browser()
    assert with_password(browser, ann) is Next.SIGNED_IN
    before = browser.key
    with_password(browser, ann)
    assert UserSession.objects.get(session_key=before).ended_at is not None
    assert access(browser) is Access.EVERYTHING


def test_s29_a_half_sign_in_dies_after_ten_minutes(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    with time_machine.travel(NOW, tick=False) as clock:
        with_password(browser, ann)
        with browser.visit() as request:
            half = sign_in.half_sign_in(request)
            assert half is not None
            assert half.ends_at - timezone.now() == timedelta(minutes=10)
        clock.shift(timedelta(minutes=10))
        with pytest.raises(NoHalfSignIn):
            with_code(browser, app_code(device))
        with browser.visit() as request:
            assert sign_in.half_sign_in(request) is None
            assert "half_sign_in" not in request.session


def test_s29_a_half_sign_in_dies_when_the_password_changes(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    with_password(browser, ann)
    ann.set_password("another password altogether")
    ann.save()
    with pytest.raises(NoHalfSignIn):
        with_code(browser, app_code(device))


@pytest.mark.parametrize("end", ["is_active", "status", "delete"])
def test_a_half_sign_in_dies_with_the_account(ann: User, end: str) -> None:
    people.authenticator(ann)
    browser = Browser()
    with_password(browser, ann)
    if end == "is_active":
        User.objects.update(is_active=False)
    elif end == "status":
        Client.objects.update(status=ClientStatus.BLOCKED)
    else:
        ann.delete()
    with browser.visit() as request:
        assert sign_in.half_sign_in(request) is None


def test_a_wrong_password_a_blocked_client_and_nobody_are_answered_alike(ann: User) -> None:
    tries = [("ann@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
    with Browser().visit() as request:
        found = [sign_in.check_password(request, email=e, password=p) for e, p in tries]
        Client.objects.update(status=ClientStatus.CLOSED)
        found.append(sign_in.check_password(request, email=ann.email, password=PASSWORD))
    assert found == [None, None, None]
    events = AuditEvent.objects.order_by("id")
    assert {event.action for event in events} == {"twofa.password_refused"}
    assert [event.subject for event in events] == [f"user:{ann.pk}", "", f"user:{ann.pk}"]


def test_without_a_half_sign_in_nothing_is_sent_or_checked(ann: User) -> None:
    browser = Browser()
    with browser.visit() as request, pytest.raises(NoHalfSignIn):
        sign_in.send(request, TOTP)
    with pytest.raises(NoHalfSignIn):
        with_code(browser, "123456")
    with browser.visit() as request, pytest.raises(PermissionDenied):
        sign_in.begin(request, ann)  # the password was never checked


def test_a_client_without_a_factor_signs_in_by_password(ann: User) -> None:
    browser = Browser()
    assert with_password(browser, ann) is Next.SIGNED_IN
    assert access(browser) is Access.EVERYTHING


def test_a_client_of_whom_a_factor_is_required_sees_only_enrolment(
    ann: User, set_policy: Callable[..., None]
) -> None:
    set_policy(require_two_factor="on")
    browser = Browser()
    assert with_password(browser, ann) is Next.ENROL
    assert access(browser) is Access.ENROLMENT


def test_an_operator_without_a_factor_sees_only_enrolment(db: None) -> None:
    desk = people.operator()
    desk.set_password(PASSWORD)
    desk.save()
    browser = Browser()
    assert with_password(browser, desk) is Next.ENROL
    assert access(browser) is Access.ENROLMENT


def test_s20_a_session_by_password_sees_nothing_once_there_is_a_factor(ann: User) -> None:
    browser = Browser()
    with_password(browser, ann)
    people.authenticator(ann)
    assert access(browser) is Access.NOTHING


def test_s43_a_session_is_not_verified_any_more_when_its_factor_is_gone(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    people.sms(ann)
    with_password(browser, ann)
    with_code(browser, app_code(device))
    Authenticator.objects.all().delete()
    assert access(browser) is Access.NOTHING


def test_s01_one_code_posted_by_20_half_sign_ins_signs_in_one(transactional_db: None) -> None:
    ann = people.client(password=PASSWORD)
    device = people.authenticator(ann)
    browsers = [Browser() for _ in range(20)]
    for browser in browsers:
        with_password(browser, ann)
    code = app_code(device)
    results = run_together(20, lambda i: with_code(browsers[i], code))
    assert sum(isinstance(result, Verified) for result in results) == 1
    assert UserSession.objects.count() == 1
    assert sum(access(browser) is Access.EVERYTHING for browser in browsers) == 1


def test_no_verified_session_survives_a_reset_in_the_same_moment(transactional_db: None) -> None:
    ann, desk = people.client(password=PASSWORD), people.operator()
    device, browser = people.authenticator(ann), Browser()
    with_password(browser, ann)
    code = app_code(device)

    def act(i: int) -> object:
        if i == 0:
            return with_code(browser, code)
        return resets.disable(
            ann, ResetScope.ALL, operator=desk, reason="lost", client_request=True
        )

    results = run_together(2, act)
    assert not [result for result in results if isinstance(result, Exception)], results
    with browser.visit() as request:
        assert not getattr(request.user, "otp_device", None)
    assert not UserSession.objects.filter(ended_at=None).exists()


def test_the_factor_used_last_is_offered_first(ann: User) -> None:
    people.authenticator(ann)
    people.sms(ann)
    browser = Browser()
    with_password(browser, ann)
    with browser.visit() as request:
        started = sign_in.send(request, FactorKind.SMS)
    assert isinstance(started, Started)
    assert isinstance(with_code(browser, started.challenge.code, FactorKind.SMS), Verified)
    assert factor_facts.offered(ann) == [FactorKind.SMS, TOTP]


def test_a_recovery_code_signs_in(ann: User) -> None:
    people.authenticator(ann)
    code, browser = people.codes(ann)[3], Browser()
    with_password(browser, ann)
    assert isinstance(with_code(browser, code, FactorKind.RECOVERY), Verified)
    assert access(browser) is Access.EVERYTHING


def test_s08_a_right_password_clears_no_counter(ann: User) -> None:
    wrong, browser = people.wrong_app_code(people.authenticator(ann)), Browser()
    with_password(browser, ann)
    with_code(browser, wrong)
    with_password(browser, ann)
    assert ann.verification_state.failures == 1


def test_s10_wrong_passwords_do_not_lock_the_code_stage(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    for _ in range(6):
        with Browser().visit() as request:
            assert sign_in.check_password(request, email=ann.email, password="wrong") is None
    with_password(browser, ann)
    assert isinstance(with_code(browser, app_code(device)), Verified)


def test_s76_a_sign_in_stands_in_the_log(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    with people.asking_from("192.0.2.7"):
        with_password(browser, ann)
        with_code(browser, app_code(device))
        with browser.visit() as request:
            sign_in.sign_out(request)
    events = {event.action: event for event in AuditEvent.objects.all()}
    assert {"twofa.password_accepted", "twofa.signed_in", "twofa.signed_out"} <= set(events)
    assert events["twofa.signed_in"].facts == {"factor": "authenticator"}
    assert events["twofa.signed_in"].request_id == "r"


def test_s33_signing_out_kills_the_session_on_the_server(ann: User) -> None:
    browser = Browser()
    with_password(browser, ann)
    stolen = Browser()
    stolen.key = browser.key
    with browser.visit() as request:
        sign_in.sign_out(request)
    assert access(stolen) is Access.NOTHING
    assert UserSession.objects.get().ended_at is not None
    with Browser().visit() as request:
        sign_in.sign_out(request)  # harmless for nobody


def test_a_locked_account_is_told_so_at_the_step_of_the_code(ann: User) -> None:
    device, browser = people.authenticator(ann), Browser()
    wrong = people.wrong_app_code(device)
    with_password(browser, ann)
    for _ in range(5):
        with_code(browser, wrong)
    refused = with_code(browser, app_code(device))
    assert isinstance(refused, Refused)
    assert refused.outcome == CodeOutcome.LOCKED
    with browser.visit() as request:
        sent = sign_in.send(request, TOTP)
    assert getattr(sent, "outcome", None) == SendOutcome.LOCKED


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("what", ["blocked", "password"])
def test_s33_who_is_blocked_while_the_code_is_checked_is_not_signed_in(
    transactional_db: None, what: str
) -> None:
    ann = people.client(password=PASSWORD)
    device, browser = people.authenticator(ann), Browser()
    with_password(browser, ann)
    held = threading.Event()

    def act(index: int) -> object:
        if index == 1:
            held.wait(20)
            return with_code(browser, app_code(device))
        with transaction.atomic():
            locks.hold(ann)
            held.set()
            wait_until(somebody_waits_for_a_lock, within=20)
            changed = User.objects.get(pk=ann.pk)
            changed.is_active = what != "blocked"
            if what == "password":
                changed.set_password("another one altogether")
            changed.save()
            sessions.end_all(ann)
        return None

    _, outcome = run_together(2, act)
    assert isinstance(outcome, NoHalfSignIn)
    assert not UserSession.objects.filter(ended_at=None).exists()
    assert access(browser) is Access.NOTHING
