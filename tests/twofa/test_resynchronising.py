"""Learning the clock of an authenticator: two codes in a row, once, allowed by an operator."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import User
from tests.services.threads import run_together
from tests.twofa import callers, people
from tests.twofa.callers import allowed, try_two, two_codes
from tests.twofa.pages import Person
from tests.twofa.people import PASSWORD, app_code, try_code
from twofa import resets, resynchronising, totp
from twofa.diagnosis import diagnosing, facts
from twofa.diagnosis.vocabulary import CauseId
from twofa.models import (
    Approval,
    Authenticator,
    CodeAttempt,
    Notice,
    Resynchronisation,
    VerificationState,
)
from twofa.models.reset import ResetScope
from twofa.operator_acts import NotDone
from twofa.results import Refused
from twofa.vocabulary import Purpose

NOW = "2026-11-24T10:00:05Z"
STEP = 30


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(clock: object) -> User:
    user = people.client(password=PASSWORD)
    people.authenticator(user)
    return user


def device_of(user: User) -> Authenticator:
    device: Authenticator = Authenticator.objects.get(user=user, confirmed=True)
    return device


class TestLearning:
    @pytest.mark.parametrize("drift", [-19, -10, -2, 2, 10, 20])
    def test_two_codes_in_a_row_at_one_offset_are_accepted_and_the_clock_is_kept(
        self, ann: User, drift: int
    ) -> None:
        allowed(ann)
        assert try_two(ann, *two_codes(device_of(ann), drift=drift)) == "accepted"
        assert device_of(ann).drift_steps == drift

    @pytest.mark.parametrize("drift", [-1, 0, 1])
    def test_a_clock_that_is_right_enough_needs_no_window_of_its_own(
        self, ann: User, drift: int
    ) -> None:
        allowed(ann)
        assert try_two(ann, *two_codes(device_of(ann), drift=drift)) == "accepted"
        assert device_of(ann).drift_steps == 0

    @pytest.mark.parametrize("drift", [-20, 21, 40, 120])
    def test_farther_than_20_steps_nothing_is_learnt(self, ann: User, drift: int) -> None:
        allowed(ann)
        assert try_two(ann, *two_codes(device_of(ann), drift=drift)) == "incorrect"
        assert device_of(ann).drift_steps == 0

    @pytest.mark.parametrize(("one", "other"), [(5, 5), (6, 5), (5, 7), (5, -3), (-5, 5)])
    def test_codes_that_do_not_follow_each_other_are_wrong(
        self, ann: User, one: int, other: int
    ) -> None:
        allowed(ann)
        device = device_of(ann)
        outcome = try_two(ann, app_code(device, steps=one), app_code(device, steps=other))
        assert outcome == "incorrect"

    def test_it_is_one_try_and_counts_when_wrong(self, ann: User) -> None:
        allowed(ann)
        device = device_of(ann)
        wrong = people.wrong_app_code(device)
        for _ in range(5):
            assert try_two(ann, wrong, wrong) == "incorrect"
        assert VerificationState.objects.get(user=ann).failures == 5
        assert try_two(ann, *two_codes(device, drift=5)) == "locked"

    def test_what_cannot_be_a_code_counts_for_nothing(self, ann: User) -> None:
        allowed(ann)
        assert try_two(ann, "12345", "123456") == "malformed"
        assert try_two(ann, "123456", "") == "malformed"
        assert not CodeAttempt.objects.exists()

    def test_a_clock_far_off_is_named_since_two_codes_in_a_row_told_it(self, ann: User) -> None:
        allowed(ann)
        first, second = two_codes(device_of(ann), drift=240)
        result = resynchronising.resynchronise(
            ann, purpose=Purpose.SIGN_IN, binding=people.BINDING, first=first, second=second
        )
        assert isinstance(result, Refused)
        assert result.clock_offset == timedelta(hours=2)

    def test_a_method_that_is_off_takes_no_two_codes(
        self, ann: User, set_policy: Callable[..., None]
    ) -> None:
        allowed(ann)
        set_policy(methods="sms")
        assert try_two(ann, *two_codes(device_of(ann), drift=5)) == "method_off"


class TestAllowing:
    def test_without_it_nothing_is_compared(self, ann: User) -> None:
        assert try_two(ann, *two_codes(device_of(ann), drift=5)) == "no_challenge"
        assert not VerificationState.objects.get(user=ann).failures

    def test_it_ends_after_a_quarter_of_an_hour(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        clock.shift(timedelta(minutes=15))
        assert try_two(ann, *two_codes(device_of(ann), drift=5)) == "no_challenge"

    def test_it_is_used_up_by_a_success(self, ann: User, clock: "time_machine.Traveller") -> None:
        allowed(ann)
        assert try_two(ann, *two_codes(device_of(ann), drift=5)) == "accepted"
        clock.shift(90)
        assert try_two(ann, *two_codes(device_of(ann), drift=9)) == "no_challenge"

    def test_it_is_for_the_authenticator_that_was_there(self, ann: User) -> None:
        allowed(ann)
        Authenticator.objects.all().delete()
        device = people.authenticator(ann)
        assert try_two(ann, *two_codes(device, drift=5)) == "no_challenge"

    def test_it_wants_an_authenticator_a_reason_and_the_right(self, ann: User) -> None:
        desk = people.operator()
        assert resynchronising.allow(ann, operator=desk, reason=" ") is NotDone.REASON_MISSING
        auditor = people.operator("a@example.com", group="Auditor")
        assert resynchronising.allow(ann, operator=auditor, reason="x") is NotDone.NOT_ALLOWED
        assert resynchronising.allow(desk, operator=desk, reason="x") is NotDone.OWN_FACTOR
        Authenticator.objects.all().delete()
        assert resynchronising.allow(ann, operator=desk, reason="x") is NotDone.NOTHING_TO_DO
        assert not Resynchronisation.objects.exists()

    def test_it_and_its_use_are_logged_and_the_use_is_told(self, ann: User) -> None:
        desk = people.operator()
        allowed(ann, desk)
        event = AuditEvent.objects.get(action="twofa.resynchronisation_allowed")
        assert (event.actor_id, event.subject) == (str(desk.pk), f"user:{ann.pk}")
        try_two(ann, *two_codes(device_of(ann), drift=10))
        used = AuditEvent.objects.get(action="twofa.resynchronised")
        assert used.facts == {"factor": "authenticator", "offset_seconds": 300}
        assert Notice.objects.get(user=ann).kind == "resynchronised"

    def test_this_was_not_me_forbids_it(self, ann: User) -> None:
        desk = people.operator()
        at = timezone.now()
        Approval.objects.create(
            user=ann,
            operator=desk,
            act="unlock",
            token_digest="x",
            expires_at=at,
            answer="denied",
            answered_at=at,
        )
        refused = resynchronising.allow(ann, operator=desk, reason="x")
        assert refused is NotDone.DENIED_BY_CLIENT


class TestTheWindowAfterwards:
    @pytest.mark.parametrize("drift", [-12, -3, 3, 12, 20])
    def test_it_is_three_steps_around_the_app_and_three_around_us(
        self, ann: User, clock: "time_machine.Traveller", drift: int
    ) -> None:
        device = device_of(ann)
        Authenticator.objects.update(drift_steps=drift)
        taken = {
            offset
            for offset in range(-30, 31)
            if totp.matches(
                device.seed, app_code(device, steps=offset), at=timezone.now(), drift=drift
            )
        }
        assert taken == {-1, 0, 1, drift - 1, drift, drift + 1}

    def test_s14_it_never_creeps(self, ann: User, clock: "time_machine.Traveller") -> None:
        allowed(ann)
        try_two(ann, *two_codes(device_of(ann), drift=5))
        outcomes = []
        for ahead in (6, 7, 8):
            clock.shift(STEP * 4)
            outcomes.append(try_code(ann, app_code(device_of(ann), steps=ahead)))
        assert outcomes == ["accepted", "incorrect", "incorrect"]
        assert device_of(ann).drift_steps == 5

    def test_a_code_of_our_time_says_that_the_clock_was_set_right(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        try_two(ann, *two_codes(device_of(ann), drift=10))
        clock.shift(STEP)
        assert try_code(ann, app_code(device_of(ann))) == "accepted"
        assert device_of(ann).drift_steps == 0
        clock.shift(STEP * 5)
        assert try_code(ann, app_code(device_of(ann), steps=10)) == "incorrect"

    def test_a_code_that_both_windows_take_resets_nothing(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        try_two(ann, *two_codes(device_of(ann), drift=2))
        clock.shift(STEP * 4)
        assert try_code(ann, app_code(device_of(ann), steps=1)) == "accepted"
        assert device_of(ann).drift_steps == 2

    def test_a_new_authenticator_begins_without(self, ann: User) -> None:
        Authenticator.objects.update(drift_steps=7)
        resets.disable(
            ann,
            ResetScope.AUTHENTICATOR,
            operator=people.operator(),
            reason="x",
            client_request=True,
        )
        assert people.authenticator(ann).drift_steps == 0


class TestNothingIsTakenTwice:
    def test_neither_of_the_two_codes_works_again(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        first, second = two_codes(device_of(ann), drift=10)
        assert try_two(ann, first, second) == "accepted"
        assert try_code(ann, second) == "reused"
        assert try_code(ann, first) == "reused"
        clock.shift(STEP * 10)  # now they are codes of our own time
        assert try_code(ann, second) == "reused"
        assert try_code(ann, first) == "reused"

    def test_two_codes_one_of_which_was_used_are_refused(self, ann: User) -> None:
        device = device_of(ann)
        assert try_code(ann, app_code(device)) == "accepted"
        allowed(ann)
        assert try_two(ann, *two_codes(device, drift=0)) == "reused"
        assert device_of(ann).drift_steps == 0

    def test_two_codes_one_of_which_was_burnt_by_an_explanation_are_refused(
        self, ann: User
    ) -> None:
        device = device_of(ann)
        assert try_code(ann, app_code(device, steps=8)) == "incorrect"
        allowed(ann)
        assert try_two(ann, *two_codes(device, drift=8)) == "reused"
        assert try_two(ann, *two_codes(device, drift=10)) == "accepted"

    def test_a_clock_set_right_after_it_was_fast_is_not_locked_out(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        assert try_two(ann, *two_codes(device_of(ann), drift=20)) == "accepted"
        assert try_code(ann, app_code(device_of(ann))) == "accepted"

    def test_a_clock_that_fell_behind_is_not_locked_out(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        assert try_code(ann, app_code(device_of(ann))) == "accepted"
        allowed(ann)
        assert try_two(ann, *two_codes(device_of(ann), drift=-10)) == "accepted"
        clock.shift(STEP)
        assert try_code(ann, app_code(device_of(ann), steps=-10)) == "accepted"

    def test_in_the_apps_window_too_an_older_code_does_not_follow_a_newer_one(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        try_two(ann, *two_codes(device_of(ann), drift=10))
        clock.shift(STEP * 4)
        assert try_code(ann, app_code(device_of(ann), steps=11)) == "accepted"
        assert try_code(ann, app_code(device_of(ann), steps=10)) == "reused"
        assert try_code(ann, app_code(device_of(ann), steps=9)) == "reused"

    def test_two_codes_from_20_sessions_sign_in_once(self, transactional_db: None) -> None:
        user = people.client()
        device = people.authenticator(user)
        allowed(user)
        first, second = two_codes(device, drift=6)
        results = run_together(20, lambda i: try_two(user, first, second, binding=f"{i:064}"))
        assert sorted(map(str, results)) == ["accepted"] + ["no_challenge"] * 19
        assert Notice.objects.filter(kind="resynchronised").count() == 1


class TestThePages:
    def test_the_door_asks_for_two_codes_and_signs_in(self, ann: User) -> None:
        allowed(ann)
        person = Person().sign_in(ann.email)
        assert person.path == "/sign-in/resynchronise/"
        first, second = two_codes(device_of(ann), drift=10)
        person.submit("first", first, second=second)
        assert person.path == "/security/"
        assert "about 5 minutes fast" in person.html

    def test_what_was_typed_does_not_come_back_and_errors_stand_at_their_field(
        self, ann: User
    ) -> None:
        allowed(ann)
        person = Person().sign_in(ann.email).submit("first", "123456", second="12")
        assert "Some digits are missing" in person.page.marked["error"][0]
        assert 'id="id_second_error"' in person.html
        assert "123456" not in person.html
        person.submit("first", "123456", second="654321")
        assert "one right after the other" in person.html

    def test_one_code_is_taken_all_the_same(self, ann: User) -> None:
        allowed(ann)
        person = Person().sign_in(ann.email).open("/sign-in/verify/?one-code")
        person.submit("code", app_code(device_of(ann)))
        assert person.path == "/security/"

    def test_without_permission_the_door_asks_for_one(self, ann: User) -> None:
        person = Person().sign_in(ann.email)
        assert person.path == "/sign-in/verify/"
        assert person.open("/sign-in/resynchronise/").path == "/sign-in/verify/"

    def test_when_the_time_is_over_the_page_says_so(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        clock.shift(timedelta(minutes=6))
        person = Person().sign_in(ann.email)
        clock.shift(timedelta(minutes=9))
        first, second = two_codes(device_of(ann), drift=10)
        person.submit("first", first, second=second)
        assert "This is not possible any more" in person.html

    def test_a_signed_in_client_does_it_on_the_page_of_the_app(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        person = Person().sign_in(ann.email).submit("code", app_code(device_of(ann)))
        assert "two-codes" not in person.open("/security/authenticator/").page.marked
        allowed(ann)
        clock.shift(STEP * 3)
        person.open("/security/authenticator/")
        first, second = two_codes(device_of(ann), drift=-8)
        person.submit("first", "1", second=second)
        assert "Some digits are missing" in person.html
        person.submit("first", first, second=second)
        assert "about 4 minutes slow" in person.html
        assert device_of(ann).drift_steps == -8
        # It is no fresh confirmation for changing anything else.
        person.press("disable")
        assert "step-up" in person.page.marked


def test_the_first_line_must_have_identified_the_caller(ann: User) -> None:
    support = callers.support()
    refused = resynchronising.allow(ann, operator=support, reason="x")
    assert refused is NotDone.CALLER_NOT_IDENTIFIED
    callers.identified(ann, support)
    assert isinstance(resynchronising.allow(ann, operator=support, reason="x"), Resynchronisation)


class TestTheDiagnosis:
    def test_a_clock_that_is_known_is_told_and_is_no_trouble(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        allowed(ann)
        try_two(ann, *two_codes(device_of(ann), drift=10))
        diagnosis = diagnosing.judge(facts.gather(ann))
        assert CauseId.CLOCK_SKEW not in {one.cause for one in diagnosis.findings}
        line = next(one for one in diagnosis.checks if one.check == "authenticator")
        assert "The app's clock is 5 min fast" in str(line.words)

    def test_a_late_code_is_late_by_the_clock_of_the_app(self, ann: User) -> None:
        Authenticator.objects.update(drift_steps=10)
        assert try_code(ann, app_code(device_of(ann), steps=8)) == "incorrect"
        findings = diagnosing.judge(facts.gather(ann)).findings
        assert CauseId.CODE_LATE in {one.cause for one in findings}
