"""Codes are checked once, in order, whatever races, repeats or fails around them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import Client
from smsproviders import outbox
from tests.services.threads import run_together
from tests.twofa import people
from tests.twofa.people import BINDING, app_code, sent_code, try_code
from twofa import challenges, totp
from twofa.models import (
    Authenticator,
    Challenge,
    CodeAttempt,
    Notice,
    RecoveryCode,
    RecoveryCodes,
    SmsConfirmation,
    VerificationState,
)
from twofa.results import Refused, Started, Verified
from twofa.verification import verify
from twofa.vocabulary import CodeOutcome, FactorKind, Malformed, Purpose

TOTP, SMS, RECOVERY = FactorKind.AUTHENTICATOR, FactorKind.SMS, FactorKind.RECOVERY
NOW = "2026-11-24T10:00:05Z"


def attempt(user: object, code: str, factor: FactorKind = TOTP, **changes: object) -> object:
    facts = {"factor": factor, "purpose": Purpose.SIGN_IN, "binding": BINDING, **changes}
    return verify(user, code=code, **facts)  # type: ignore[arg-type]


def test_s01_one_authenticator_code_from_20_sessions_signs_in_once(transactional_db: None) -> None:
    user = people.client()
    code = app_code(people.authenticator(user))
    results = run_together(20, lambda i: try_code(user, code, binding=f"{i:064}"))
    assert sorted(map(str, results)) == ["accepted"] + ["reused"] * 19
    assert user.verification_state.failures == 0


def test_s01_one_sms_code_posted_20_times_signs_in_once(transactional_db: None) -> None:
    user = people.client()
    people.sms(user)
    code = sent_code(user)
    results = run_together(20, lambda _: try_code(user, code, SMS))
    assert sorted(map(str, results)) == ["accepted"] + ["reused"] * 19


def test_s01_s41_one_recovery_code_posted_20_times_works_once(transactional_db: None) -> None:
    user = people.client()
    people.authenticator(user)
    code = people.codes(user)[0]
    results = run_together(20, lambda _: try_code(user, code, RECOVERY))
    assert sorted(map(str, results)) == ["accepted"] + ["reused"] * 19
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


@pytest.mark.django_db
def test_s02_a_used_code_is_refused_later_and_in_the_next_step() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        code = app_code(device)
        assert try_code(user, code) == "accepted"
        assert try_code(user, code) == "reused"
        clock.shift(30)
        assert try_code(user, code) == "reused"
        clock.shift(60)
        assert try_code(user, code) == "incorrect"


@pytest.mark.django_db
def test_s02_a_code_of_a_step_before_the_last_used_one_is_refused() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False):
        device = people.authenticator(user)
        assert try_code(user, app_code(device)) == "accepted"
        assert try_code(user, app_code(device, steps=-1)) == "reused"
        assert try_code(user, app_code(device, steps=1)) == "accepted"


@pytest.mark.django_db
def test_s02_a_used_sms_code_is_refused_later() -> None:
    user = people.client()
    people.sms(user)
    code = sent_code(user)
    assert try_code(user, code, SMS) == "accepted"
    assert try_code(user, code, SMS) == "reused"
    assert Challenge.objects.get().code == ""


def test_s03_no_guess_is_accepted_while_throttled(transactional_db: None) -> None:
    user = people.client()
    device = people.authenticator(user)
    wrong = people.wrong_app_code(device)
    for _ in range(5):
        try_code(user, wrong)
    guesses = [app_code(device) if i == 25 else f"{i:06d}" for i in range(50)]
    results = run_together(50, lambda i: try_code(user, guesses[i]))
    assert set(map(str, results)) == {"locked"}


def test_s03_the_lock_holds_within_a_burst_of_guesses(transactional_db: None) -> None:
    user = people.client()
    wrong = people.wrong_app_code(people.authenticator(user))
    results = run_together(50, lambda _: try_code(user, wrong))
    assert sorted(map(str, results)) == ["incorrect"] * 5 + ["locked"] * 45
    assert VerificationState.objects.get(user=user).failures == 5


@pytest.mark.django_db
def test_s04_failures_add_up_over_sessions_factors_and_purposes() -> None:
    user = people.client()
    wrong = people.wrong_app_code(people.authenticator(user))
    people.sms(user)
    code = sent_code(user, binding="c" * 64)
    assert try_code(user, wrong) == "incorrect"
    assert try_code(user, wrong, binding="d" * 64) == "incorrect"
    assert try_code(user, wrong, purpose=Purpose.STEP_UP) == "incorrect"
    assert try_code(user, people.wrong_sms_code(code), SMS, binding="c" * 64) == "incorrect"
    last = attempt(user, wrong)
    assert isinstance(last, Refused)
    assert last.locked_until is not None
    assert try_code(user, code, SMS, binding="c" * 64) == "locked"


@pytest.mark.django_db
def test_s05_five_wrong_codes_lock_for_a_quarter_of_an_hour() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        wrong = people.wrong_app_code(device)
        lefts = [attempt(user, wrong).tries_left for _ in range(5)]  # type: ignore[attr-defined]
        assert lefts == [4, 3, 2, 1, None]
        refused = attempt(user, app_code(device))
        assert isinstance(refused, Refused)
        assert refused.outcome == CodeOutcome.LOCKED
        assert refused.locked_until == timezone.now() + timedelta(minutes=15)
        assert not refused.hard_locked
        clock.shift(timedelta(minutes=15))
        assert try_code(user, app_code(device)) == "accepted"
        assert VerificationState.objects.get().failures == 0


@pytest.mark.django_db
def test_s05_s09_ten_without_a_success_stop_hard_also_over_days() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        for _ in range(10):
            assert try_code(user, people.wrong_app_code(device)) == "incorrect"
            clock.shift(timedelta(days=1))
        refused = attempt(user, app_code(device))
        assert isinstance(refused, Refused)
        assert refused.hard_locked
        assert refused.locked_until is None
        clock.shift(timedelta(days=365))
        assert try_code(user, app_code(device)) == "locked"


@pytest.mark.django_db
def test_s09_after_a_locks_end_guessing_stays_limited() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        for _ in range(5):
            try_code(user, people.wrong_app_code(device))
        clock.shift(timedelta(minutes=15))
        wrong = people.wrong_app_code(device)
        results = [try_code(user, wrong) for _ in range(20)]
        assert results == ["incorrect"] * 5 + ["locked"] * 15
        clock.shift(timedelta(minutes=15))
        assert try_code(user, app_code(device)) == "locked"


@pytest.mark.django_db
def test_s05_a_recovery_code_opens_a_hard_lock() -> None:
    user = people.client()
    device = people.authenticator(user)
    code = people.codes(user)[0]
    VerificationState.objects.create(user=user, failures=10, hard_locked_at=timezone.now())
    result = attempt(user, code.lower(), RECOVERY)
    assert isinstance(result, Verified)
    assert result.recovery_codes_left == 9
    assert try_code(user, app_code(device)) == "accepted"


@pytest.mark.django_db
def test_s05_recovery_code_guesses_have_their_own_counter() -> None:
    user = people.client()
    device = people.authenticator(user)
    right = people.codes(user)[0]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            assert try_code(user, "ABCD-EFGH-JKLM-NPQR", RECOVERY) == "incorrect"
        assert try_code(user, right, RECOVERY) == "locked"
        assert try_code(user, app_code(device)) == "accepted"
        state = VerificationState.objects.get()
        assert (state.failures, state.recovery_failures) == (0, 5)  # a code clears its own only
        clock.shift(timedelta(minutes=15))
        assert try_code(user, right, RECOVERY) == "accepted"
        assert VerificationState.objects.get().recovery_failures == 0


@pytest.mark.django_db
def test_a_recovery_code_without_a_set_is_incorrect() -> None:
    user = people.client()
    people.authenticator(user)
    assert try_code(user, "ABCD-EFGH-JKLM-NPQR", RECOVERY) == "incorrect"


@pytest.mark.parametrize("purpose", [Purpose.ENROL, Purpose.OPERATOR_ACT])
def test_a_recovery_code_is_not_for_every_purpose(purpose: Purpose) -> None:
    with pytest.raises(ValueError, match="not for"):
        try_code(people.User(), "ABCD-EFGH-JKLM-NPQR", RECOVERY, purpose=purpose)


@pytest.mark.django_db
def test_s06_a_resend_does_not_reset_the_count() -> None:
    user = people.client()
    people.sms(user)
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        for _ in range(4):
            try_code(user, people.wrong_sms_code(code), SMS)
        clock.shift(31)
        assert sent_code(user) == code
        try_code(user, people.wrong_sms_code(code), SMS)
        assert try_code(user, code, SMS) == "locked"


def test_s07_a_failure_is_counted_though_the_request_fails_later(transactional_db: None) -> None:
    user = people.client()
    wrong = people.wrong_app_code(people.authenticator(user))

    def request() -> None:
        try_code(user, wrong)
        raise ConnectionError("the request fails")

    with pytest.raises(ConnectionError):
        request()
    assert VerificationState.objects.get().failures == 1


def test_s07_it_refuses_to_run_where_a_rollback_would_undo_the_count(
    transactional_db: None,
) -> None:
    user = people.client()
    code = app_code(people.authenticator(user))
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        try_code(user, code)


def test_s07_a_code_is_not_used_up_when_what_it_allows_fails(transactional_db: None) -> None:
    user = people.client()
    device = people.authenticator(user)

    def fail(_: Verified) -> None:
        raise ConnectionError("no session")

    with pytest.raises(ConnectionError):
        attempt(user, app_code(device), accepted=fail)
    assert try_code(user, app_code(device)) == "accepted"


@pytest.mark.django_db
def test_s08_another_accounts_success_clears_no_counter() -> None:
    ann, bob = people.client(), people.client("bob@example.com")
    wrong = people.wrong_app_code(people.authenticator(ann))
    device = people.authenticator(bob)
    with people.asking_from("192.0.2.7"):
        try_code(ann, wrong)
        assert try_code(bob, app_code(device)) == "accepted"
    assert ann.verification_state.failures == 1


@pytest.mark.django_db
def test_s10_s12_what_cannot_be_a_code_is_refused_and_not_counted() -> None:
    user = people.client()
    people.authenticator(user)
    result = attempt(user, "12345")
    assert isinstance(result, Refused)
    assert (result.outcome, result.malformed) == (CodeOutcome.MALFORMED, Malformed.TOO_FEW)
    for typed in ("", "+12_345", "x" * 1_000_000):
        assert try_code(user, typed) == "malformed"
        assert try_code(user, typed, RECOVERY) == "malformed"
    assert try_code(user, "ABCD-EFGH", RECOVERY) == "malformed"
    assert try_code(user, "ABCD-EFGH-JKLM-NPQR-S", RECOVERY) == "malformed"
    assert not VerificationState.objects.exists()
    assert not CodeAttempt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_s13_one_step_around_is_accepted(offset: int) -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False):
        assert try_code(user, app_code(people.authenticator(user), steps=offset)) == "accepted"


@pytest.mark.django_db
def test_s14_a_clock_that_creeps_ahead_is_refused_beyond_one_step() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        outcomes = []
        for ahead in range(1, 6):
            outcomes.append(try_code(user, app_code(device, steps=ahead)))
            clock.shift(30)
        assert outcomes == ["accepted"] + ["incorrect"] * 4


@pytest.mark.django_db
def test_s16_a_code_dies_at_its_stated_age() -> None:
    user = people.client()
    people.sms(user)
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        clock.shift(300)
        refused = attempt(user, code, SMS)
        assert isinstance(refused, Refused)
        assert (refused.outcome, refused.challenge_dead) == (CodeOutcome.EXPIRED, True)
        wrong = attempt(user, people.wrong_sms_code(code), SMS)
        assert isinstance(wrong, Refused)
        assert (wrong.outcome, wrong.challenge_dead) == (CodeOutcome.INCORRECT, True)


@pytest.mark.django_db
def test_s16_a_code_works_until_its_last_second() -> None:
    user = people.client()
    people.sms(user)
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        clock.shift(299)
        assert try_code(user, code, SMS) == "accepted"


@pytest.mark.django_db
def test_s17_a_code_works_only_in_its_session_and_for_its_purpose() -> None:
    user = people.client()
    people.sms(user)
    code = sent_code(user)
    assert try_code(user, code, SMS, binding="c" * 64) == "no_challenge"
    assert try_code(user, code, SMS, purpose=Purpose.STEP_UP) == "no_challenge"
    assert try_code(user, code, SMS) == "accepted"


@pytest.mark.django_db
def test_s17_a_newer_code_voids_the_older_one_wherever_it_was_asked_for() -> None:
    user = people.client()
    people.sms(user)
    with time_machine.travel(NOW, tick=False) as clock:
        old = sent_code(user)
        clock.shift(31)
        new = sent_code(user, binding="c" * 64)
        assert try_code(user, old, SMS) == "superseded"
        assert try_code(user, old, SMS, binding="c" * 64) == "superseded"
        # Of a code that lives in another session nothing is told.
        assert try_code(user, new, SMS) == "incorrect"
        assert try_code(user, new, SMS, binding="c" * 64) == "accepted"


@pytest.mark.django_db
def test_s17_a_code_for_one_number_does_not_work_after_the_number_changed() -> None:
    user = people.client()
    device = people.sms(user)
    code = sent_code(user)
    device.delete()
    people.sms(user, "+33698765432")
    assert try_code(user, code, SMS) == "no_challenge"


@pytest.mark.django_db
def test_the_code_of_an_earlier_sign_in_is_named_as_used() -> None:
    user = people.client()
    people.sms(user)
    used = sent_code(user)
    assert try_code(user, used, SMS) == "accepted"
    sent_code(user)
    assert try_code(user, used, SMS) == "reused"


@pytest.mark.django_db
def test_s36_only_a_confirmed_factor_signs_in() -> None:
    user = people.client()
    device = people.authenticator(user, confirmed=False)
    assert try_code(user, app_code(device)) == "no_challenge"
    sms_device = people.sms(user, confirmed=False)
    code = sent_code(user, purpose=Purpose.ENROL)
    assert try_code(user, code, SMS) == "no_challenge"
    assert not SmsConfirmation.objects.get(pk=sms_device.pk).confirmed


@pytest.mark.django_db
def test_s39_an_enrolment_needs_its_own_live_challenge() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user, confirmed=False)
        enrol: dict[str, Any] = {"purpose": Purpose.ENROL}
        assert try_code(user, app_code(device), **enrol) == "no_challenge"
        challenges.start(user, factor=TOTP, purpose=Purpose.ENROL, binding=BINDING)
        clock.shift(600)
        assert try_code(user, app_code(device), **enrol) == "expired"


@pytest.mark.django_db
def test_a_code_of_a_method_that_is_off_is_refused(set_policy: Callable[..., None]) -> None:
    user = people.client()
    device = people.authenticator(user)
    set_policy(methods="sms")
    assert try_code(user, app_code(device)) == "method_off"
    assert user.verification_state.failures == 0


@pytest.mark.django_db
def test_a_seed_that_cannot_be_decrypted_fails_closed_and_counts_nothing() -> None:
    user = people.client()
    other = people.authenticator(people.client("bob@example.com"))
    device = people.authenticator(user)
    moved = other.__dict__["seed"]
    Authenticator.objects.filter(pk=device.pk).update(
        seed=Authenticator.objects.get(pk=other.pk).__dict__["seed"]
    )
    assert try_code(user, totp.code_at(moved, totp.step_at(timezone.now()))) == "unchecked"
    assert user.verification_state.failures == 0


@pytest.mark.django_db
def test_recovery_codes_whose_key_cannot_be_decrypted_fail_closed() -> None:
    user, bob = people.client(), people.client("bob@example.com")
    code = people.codes(user)[0]
    people.codes(bob)
    foreign = RecoveryCodes.objects.get(user=bob).__dict__["key"]
    RecoveryCodes.objects.filter(user=user).update(key=foreign)
    assert try_code(user, code, RECOVERY) == "unchecked"


@pytest.mark.django_db
def test_a_refused_code_is_explained_and_its_step_burnt() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        ahead = app_code(device, steps=4)
        assert try_code(user, ahead) == "incorrect"
        evidence = CodeAttempt.objects.get()
        assert evidence.offset_steps == 4
        clock.shift(4 * 30)
        assert try_code(user, ahead) == "reused"  # its time has come, but it is burnt
        # A set of burnt steps, not a raised last one: the present code still works.
        assert Authenticator.objects.get().last_used_step == -1
        assert try_code(user, app_code(device, steps=1)) == "accepted"


@pytest.mark.django_db
def test_the_clock_hint_comes_after_two_different_codes_at_one_offset() -> None:
    user = people.client()
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        hour = 120  # steps

        def hint(steps: int) -> timedelta | None:
            refused = attempt(user, app_code(device, steps=steps))
            assert isinstance(refused, Refused)
            return refused.clock_offset

        assert hint(hour) is None
        assert hint(hour) is None  # the same code again tells nothing new
        clock.shift(30)
        assert hint(hour) == timedelta(hours=1)
        clock.shift(30)
        assert hint(-7) is None  # not steady


@pytest.mark.django_db
def test_right_but_dead_codes_count_as_no_guess() -> None:
    user = people.client()
    people.sms(user)
    with time_machine.travel(NOW, tick=False) as clock:
        code = sent_code(user)
        clock.shift(300)
        for _ in range(6):
            assert try_code(user, code, SMS) == "expired"
        assert user.verification_state.failures == 0


@pytest.mark.django_db
def test_each_try_leaves_evidence_and_an_event_without_the_code() -> None:
    user = people.client()
    device = people.authenticator(user)
    wrong = people.wrong_app_code(device)
    with people.asking_from("192.0.2.7"):
        try_code(user, wrong)
        try_code(user, app_code(device))
    outcomes = list(CodeAttempt.objects.order_by("id").values_list("outcome", "address"))
    assert outcomes == [("incorrect", "192.0.2.7"), ("accepted", "192.0.2.7")]
    events = list(AuditEvent.objects.order_by("id"))
    assert [event.action for event in events] == ["twofa.code_refused", "twofa.code_accepted"]
    assert events[0].outcome == "failed"
    assert all(event.subject == f"user:{user.pk}" and event.request_id for event in events)
    assert Client.objects.get().last_trouble_at is not None


@pytest.mark.django_db
def test_s31_repeated_wrong_codes_are_told_to_the_client_at_most_hourly(
    set_policy: Callable[..., None],
) -> None:
    user = people.client()
    set_policy(tries="1", block_time="1")
    with time_machine.travel(NOW, tick=False) as clock:
        device = people.authenticator(user)
        for _ in range(5):
            try_code(user, people.wrong_app_code(device))
            clock.shift(60)
        assert Notice.objects.filter(kind="wrong_codes").count() == 1
        for _ in range(5):
            try_code(user, people.wrong_app_code(device))
            clock.shift(60)
        assert Notice.objects.filter(kind="hard_locked").count() == 1


@pytest.mark.django_db
def test_a_typed_code_is_withdrawn_from_sending_and_marked_as_converted() -> None:
    user = people.client()
    people.sms(user)
    started = challenges.start(user, factor=SMS, purpose=Purpose.SIGN_IN, binding=BINDING)
    assert isinstance(started, Started)
    message = outbox.latest(str(started.challenge.pk))
    assert message is not None
    type(message).objects.filter(pk=message.pk).update(accepted_at=timezone.now())
    assert try_code(user, started.challenge.code, SMS) == "accepted"
    message.refresh_from_db()
    assert message.converted_at is not None
    assert message.body == ""


@pytest.mark.django_db
def test_pressing_on_while_locked_does_not_fill_the_log() -> None:
    user = people.client()
    people.authenticator(user)
    until = timezone.now() + timedelta(minutes=15)
    VerificationState.objects.create(user=user, failures=5, locked_until=until)
    for _ in range(25):
        assert try_code(user, "123456") == "locked"
    assert CodeAttempt.objects.count() == AuditEvent.objects.count() == 20
