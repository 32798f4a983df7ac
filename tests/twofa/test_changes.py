"""Step-up, enabling, replacing and disabling one's own factors, and recovery codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients import sessions
from clients.models import Client, TwoFactor, User, UserSession
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.people import NUMBER, PASSWORD, Browser, app_code
from twofa import (
    enrolment,
    factors,
    password_change,
    recovery,
    recovery_codes,
    sign_in,
    step_up,
)
from twofa.factors import LastFactorRequired
from twofa.models import Authenticator, Notice, RecoveryCode, SmsConfirmation
from twofa.results import AuthenticatorEnrolment, Enabled, Refused, SendRefused, Started, Verified
from twofa.sign_in import Access
from twofa.step_up import NotFresh
from twofa.vocabulary import CodeOutcome, FactorKind, SendOutcome

TOTP, SMS = FactorKind.AUTHENTICATOR, FactorKind.SMS
NOW = "2026-11-24T10:00:05Z"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def signed_in(user: User, code: str = "", factor: FactorKind = TOTP) -> Browser:
    browser = Browser()
    with browser.visit() as request:
        found = sign_in.check_password(request, email=user.email, password=PASSWORD)
        assert found is not None
        sign_in.begin(request, found)
    if code:
        with browser.visit() as request:
            assert isinstance(sign_in.verify(request, factor=factor, code=code), Verified)
    return browser


def step(browser: Browser, code: str, factor: FactorKind = TOTP) -> Verified | Refused:
    with browser.visit() as request:
        return step_up.verify(request, factor=factor, code=code)


def fresh(browser: Browser) -> bool:
    with browser.visit() as request:
        return step_up.is_fresh(request)


def enrol_authenticator(browser: Browser) -> Enabled | Refused:
    with browser.visit() as request:
        begun = enrolment.begin_authenticator(request)
        assert isinstance(begun, AuthenticatorEnrolment)
    device = Authenticator.objects.get(confirmed=False)
    with browser.visit() as request:
        return enrolment.confirm(request, TOTP, app_code(device))


def enrol_sms(browser: Browser, number: str = NUMBER) -> Enabled | Refused:
    with browser.visit() as request:
        started = enrolment.begin_sms(request, number)
        assert isinstance(started, Started), started
    with browser.visit() as request:
        return enrolment.confirm(request, SMS, started.challenge.code)


def verified_with_authenticator(user: User) -> tuple[Browser, Authenticator]:
    """Signed in and stepped up, with the present step and the next used."""
    device = people.authenticator(user)
    browser = signed_in(user, app_code(device))
    assert isinstance(step(browser, app_code(device, steps=1)), Verified)
    return browser, device


def test_a_first_factor_comes_with_ten_recovery_codes(ann: User) -> None:
    browser = signed_in(ann)
    enabled = enrol_authenticator(browser)
    assert isinstance(enabled, Enabled)
    assert (enabled.kind, enabled.replaced) == (TOTP, False)
    assert len(set(enabled.recovery_codes)) == recovery.CODES
    assert enabled.recovery_codes[0] not in repr(enabled)
    assert Client.objects.get().two_factor == TwoFactor.AUTHENTICATOR
    with browser.visit() as request:
        assert sign_in.access(request) is Access.EVERYTHING
        assert request.user.otp_device == enabled.device  # type: ignore[union-attr]


def test_s02_the_enrolment_code_is_refused_at_the_first_sign_in(ann: User) -> None:
    with time_machine.travel(NOW, tick=False):
        enrol_authenticator(signed_in(ann))
        code = app_code(Authenticator.objects.get())
        assert people.try_code(ann, code) == "reused"


def test_s24_enabling_gives_the_session_a_new_id_and_ends_the_others(ann: User) -> None:
    other, browser = signed_in(ann), signed_in(ann)
    before = browser.key
    enrol_authenticator(browser)
    assert browser.key != before
    assert UserSession.objects.get(ended_at=None).session_key == browser.key
    with other.visit() as request:
        assert sign_in.access(request) is Access.NOTHING


def test_s37_sms_confirmation_is_enabled_by_the_code_sent_to_its_number(ann: User) -> None:
    browser = signed_in(ann)
    with browser.visit() as request:
        started = enrolment.begin_sms(request, NUMBER)
        assert isinstance(started, Started)
        begun = enrolment.sms_begun(request)
        assert begun is not None
        assert begun.number == NUMBER
        wrong = people.wrong_sms_code(started.challenge.code)
        refused = enrolment.confirm(request, SMS, wrong)
        assert isinstance(refused, Refused)
        assert Client.objects.get().two_factor == TwoFactor.NONE
        assert isinstance(enrolment.confirm(request, SMS, started.challenge.code), Enabled)
    assert Client.objects.get().two_factor == TwoFactor.SMS
    with browser.visit() as request:
        assert enrolment.sms_begun(request) is None


def test_the_number_can_be_edited_while_enrolling(
    ann: User, set_policy: Callable[..., None]
) -> None:
    set_policy(resend_delays="1")
    browser = signed_in(ann)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with browser.visit() as request:
            first = enrolment.begin_sms(request, NUMBER)
            clock.shift(2)
            second = enrolment.begin_sms(request, "+33698765432")
            assert isinstance(first, Started)
            assert isinstance(second, Started)
            refused = enrolment.confirm(request, SMS, first.challenge.code or "000000")
            assert isinstance(refused, Refused)
        with browser.visit() as request:
            clock.shift(3)
            again = enrolment.resend_sms(request)
            assert isinstance(again, Started)
            assert again.challenge == second.challenge
            assert isinstance(enrolment.confirm(request, SMS, again.challenge.code), Enabled)
    assert SmsConfirmation.objects.get().number == "+33698765432"


def test_s39_an_enrolment_is_confirmed_only_by_the_session_that_began_it(ann: User) -> None:
    browser, other = signed_in(ann), signed_in(ann)
    with browser.visit() as request:
        enrolment.begin_authenticator(request)
        assert enrolment.authenticator_begun(request) is not None
    device = Authenticator.objects.get()
    with other.visit() as request:
        assert enrolment.authenticator_begun(request) is None
        refused = enrolment.confirm(request, TOTP, app_code(device))
    assert isinstance(refused, Refused)
    assert refused.outcome == CodeOutcome.NO_CHALLENGE


def test_s39_a_confirmed_enrolment_cannot_be_confirmed_again(ann: User) -> None:
    browser = signed_in(ann)
    enrol_authenticator(browser)
    with browser.visit() as request:
        assert enrolment.authenticator_begun(request) is None
        refused = enrolment.confirm(request, TOTP, app_code(Authenticator.objects.get(), steps=1))
    assert isinstance(refused, Refused)


def test_s38_the_seed_is_shown_while_enrolling_and_in_no_repr(ann: User) -> None:
    with signed_in(ann).visit() as request:
        begun = enrolment.begin_authenticator(request)
        assert isinstance(begun, AuthenticatorEnrolment)
        assert begun.key in begun.uri
        assert begun.key not in repr(begun)
        again = enrolment.authenticator_begun(request)
        assert again == begun
        newer = enrolment.begin_authenticator(request)
        assert isinstance(newer, AuthenticatorEnrolment)
        assert newer.key != begun.key


def test_a_factor_is_replaced_without_a_gap_and_the_old_number_is_told(ann: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        people.sms(ann)
        browser = signed_in(ann)
        with browser.visit() as request:
            sent = sign_in.send(request, SMS)
            assert isinstance(sent, Started)
            sign_in.verify(request, factor=SMS, code=sent.challenge.code)
        with browser.visit() as request:
            sent = step_up.send(request, SMS)
            assert isinstance(sent, Started)
        assert isinstance(step(browser, sent.challenge.code, SMS), Verified)
        with browser.visit() as request:
            begun = enrolment.begin_sms(request, "+33698765432")
            assert isinstance(begun, Started)
            assert factors.overview(ann).factors[SMS].number == NUMBER
            enabled = enrolment.confirm(request, SMS, begun.challenge.code)
        assert isinstance(enabled, Enabled)
        assert enabled.replaced
        clock.shift(1)
    assert SmsConfirmation.objects.get().number == "+33698765432"
    told = SmsMessage.objects.latest("id")
    assert (told.number, told.purpose) == (NUMBER, "notice")
    assert not any(symbol.isdigit() for symbol in told.body)
    assert Notice.objects.latest("id").kind == "factor_replaced"


@pytest.mark.parametrize("act", ["authenticator", "sms", "disable", "codes"])
def test_s35_every_change_needs_a_fresh_second_factor(ann: User, act: str) -> None:
    device = people.authenticator(ann)
    browser = signed_in(ann, app_code(device))  # a sign-in is not fresh
    acts: dict[str, Callable[..., object]] = {
        "authenticator": enrolment.begin_authenticator,
        "sms": lambda request: enrolment.begin_sms(request, NUMBER),
        "disable": lambda request: factors.disable(request, TOTP),
        "codes": recovery.make,
    }
    with browser.visit() as request, pytest.raises(NotFresh):
        acts[act](request)
    assert isinstance(step(browser, app_code(device, steps=1)), Verified)
    with browser.visit() as request:
        acts[act](request)


def test_a_step_up_is_fresh_for_five_minutes_under_a_new_id(ann: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(ann)
        browser = signed_in(ann, app_code(device))
        before = browser.key
        assert not fresh(browser)
        assert isinstance(step(browser, app_code(device, steps=1)), Verified)
        assert browser.key != before
        assert UserSession.objects.get().session_key == browser.key
        assert fresh(browser)
        clock.shift(timedelta(minutes=4, seconds=59))
        assert fresh(browser)
        clock.shift(1)
        assert not fresh(browser)
    assert "twofa.stepped_up" in set(AuditEvent.objects.values_list("action", flat=True))


def test_a_wrong_code_makes_nothing_fresh(ann: User) -> None:
    device = people.authenticator(ann)
    browser = signed_in(ann, app_code(device))
    assert isinstance(step(browser, people.wrong_app_code(device)), Refused)
    assert not fresh(browser)


def test_without_a_factor_the_password_is_asked_for(ann: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = signed_in(ann)
        assert fresh(browser)  # given just now
        clock.shift(timedelta(minutes=5))
        assert not fresh(browser)
        with browser.visit() as request:
            assert step_up.by_password(request)
            assert not step_up.check_password(request, "wrong")
            assert step_up.check_password(request, PASSWORD)
        assert fresh(browser)


def test_the_password_is_not_enough_once_there_is_a_factor(ann: User) -> None:
    browser = signed_in(ann)
    assert isinstance(enrol_authenticator(browser), Enabled)
    assert not fresh(browser)
    with browser.visit() as request:
        assert not step_up.by_password(request)
        assert not step_up.check_password(request, PASSWORD)


def test_nobody_cannot_step_up(db: None) -> None:
    with Browser().visit() as request, pytest.raises(PermissionDenied):
        step_up.is_fresh(request)


def test_an_operators_act_takes_one_code_each(db: None) -> None:
    desk = people.operator()
    desk.set_password(PASSWORD)
    desk.save()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(desk)
        browser = signed_in(desk, app_code(device))
        code = app_code(device, steps=1)
        with browser.visit() as request:
            assert isinstance(step_up.send_for_act(request, TOTP), Started)
            done = step_up.verify_for_act(request, factor=TOTP, code=code)
            assert isinstance(done, Verified)
            again = step_up.verify_for_act(request, factor=TOTP, code=code)
            assert isinstance(again, Refused)
            clock.shift(0)
        assert not fresh(browser)


def test_s43_disabling_ends_other_sessions_and_unverifies_this_one(ann: User) -> None:
    browser, device = verified_with_authenticator(ann)
    people.sms(ann)
    codes = people.codes(ann)
    other = signed_in(ann, codes[0], FactorKind.RECOVERY)
    with browser.visit() as request:
        factors.disable(request, TOTP)
    for each in (browser, other):
        with each.visit() as request:
            assert sign_in.access(request) is Access.NOTHING
    assert Client.objects.get().two_factor == TwoFactor.SMS
    assert RecoveryCode.objects.exists()
    assert not Authenticator.objects.filter(pk=device.pk).exists()


def test_with_the_last_factor_the_recovery_codes_go(ann: User) -> None:
    browser, _ = verified_with_authenticator(ann)
    people.codes(ann)
    with browser.visit() as request:
        factors.disable(request, TOTP)
        count = Notice.objects.filter(kind="factor_disabled").count()
        factors.disable(request, TOTP)  # repeating it is harmless
    assert not RecoveryCode.objects.exists()
    assert Client.objects.get().two_factor == TwoFactor.NONE
    assert Notice.objects.filter(kind="factor_disabled").count() == count == 1


def test_the_last_factor_stays_where_one_is_required(
    ann: User, set_policy: Callable[..., None]
) -> None:
    browser, _ = verified_with_authenticator(ann)
    set_policy(require_two_factor="on")
    with browser.visit() as request, pytest.raises(LastFactorRequired):
        factors.disable(request, TOTP)
    assert factors.enabled(ann) == {TOTP}


def test_s41_new_recovery_codes_void_the_old_and_are_told(ann: User) -> None:
    browser, _ = verified_with_authenticator(ann)
    old = people.codes(ann)
    with browser.visit() as request:
        new = recovery.make(request)
    assert recovery.left(ann) == 10
    assert people.try_code(ann, old[0], FactorKind.RECOVERY) == "incorrect"
    assert people.try_code(ann, new[0], FactorKind.RECOVERY) == "accepted"
    assert recovery.left(ann) == 9
    stored = RecoveryCode.objects.values_list("digest", flat=True)
    assert not set(new) & set(stored)
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert {"recovery_codes_made", "recovery_code_used"} <= kinds


def test_s41_recovery_codes_have_80_random_bits(ann: User) -> None:
    assert recovery_codes.SYMBOLS * 5 == 80


def test_enrolling_is_refused_while_the_method_is_off(
    ann: User, set_policy: Callable[..., None]
) -> None:
    set_policy(methods="sms")
    with signed_in(ann).visit() as request:
        refused = enrolment.begin_authenticator(request)
    assert isinstance(refused, SendRefused)
    assert refused.outcome == SendOutcome.METHOD_OFF


def test_the_overview_shows_what_is_enabled_and_begun(ann: User) -> None:
    people.authenticator(ann)
    people.sms(ann, confirmed=False)
    people.codes(ann)
    overview = factors.overview(ann)
    assert overview.enabled == {TOTP}
    assert overview.factors[TOTP].since is not None
    assert overview.factors[SMS].begun_at is not None
    assert not overview.factors[SMS].enabled
    assert overview.factors[FactorKind.RECOVERY].codes_left == 10
    assert (overview.lock, overview.failures) == (None, 0)


@pytest.mark.parametrize(
    ("phone", "confirmed"), [("", True), (NUMBER, True), ("+33698765432", False)]
)
def test_confirming_a_number_confirms_the_profiles_phone_when_it_is_the_same(
    ann: User, phone: str, confirmed: bool
) -> None:
    Client.objects.update(phone=phone)
    assert isinstance(enrol_sms(signed_in(ann)), Enabled)
    client = Client.objects.get()
    assert (client.phone_confirmed_at is not None) is confirmed
    assert client.phone == (phone or NUMBER)


@contextmanager
def ended(browser: Browser) -> Iterator[HttpRequest]:
    """A request in which the session is ended; saving at its end does not bring that back."""
    with pytest.raises(UpdateError), browser.visit() as request:
        yield request


class TestARequestUnderWayWhenItsSessionIsEnded:
    """It passed the door before; what it then asks for must not come after what ended it."""

    def test_s35_it_enables_no_factor_beside_the_one_that_was_just_enabled(self, ann: User) -> None:
        late = signed_in(ann)
        with late.visit() as request:
            started = enrolment.begin_sms(request, NUMBER)
            assert isinstance(started, Started)
        with ended(late) as request:
            enrol_authenticator(signed_in(ann))
            with pytest.raises(PermissionDenied):
                enrolment.confirm(request, SMS, started.challenge.code)
        assert factors.enabled(ann) == {TOTP}

    def test_s35_it_disables_nothing_by_a_password_that_was_enough_before(self, ann: User) -> None:
        late = signed_in(ann)
        with ended(late) as request:
            enrol_authenticator(signed_in(ann))
            with pytest.raises(PermissionDenied):
                factors.disable(request, TOTP)
        assert factors.enabled(ann) == {TOTP}

    def test_s43_it_makes_no_recovery_codes_and_begins_nothing(self, ann: User) -> None:
        late, _device = verified_with_authenticator(ann)
        with ended(late) as request:
            sessions.end_all(ann)
            for late_act in (
                lambda: recovery.make(request),
                lambda: enrolment.begin_authenticator(request),
                lambda: enrolment.begin_sms(request, NUMBER),
                lambda: password_change.change(request, present=PASSWORD, new="another one here"),
            ):
                with pytest.raises(PermissionDenied):
                    late_act()
        assert not recovery.left(ann)
        assert User.objects.get().check_password(PASSWORD)
