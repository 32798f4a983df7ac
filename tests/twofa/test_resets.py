"""An operator disables or unlocks a client's second factor: rules, effects, traces."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from backoffice.audit import personal
from backoffice.audit.models import AuditEvent
from clients.models import Client, TwoFactor, User, UserSession
from smsproviders.models import SmsMessage
from tests.services.threads import run_together
from tests.twofa import people
from tests.twofa.people import NUMBER
from twofa import factor_changes, factors, resets, signals
from twofa.models import (
    Authenticator,
    Challenge,
    Notice,
    RecoveryCode,
    Reset,
    SmsConfirmation,
    VerificationState,
)
from twofa.models.reset import ResetScope
from twofa.resets import NotDone
from twofa.results import ResetDone, Unlocked
from twofa.vocabulary import FactorKind

TOTP, SMS = FactorKind.AUTHENTICATOR, FactorKind.SMS


@pytest.fixture
def ann(db: None) -> User:
    """With both factors, recovery codes and a session."""
    user = people.client()
    people.authenticator(user)
    people.sms(user)
    people.codes(user)
    Client.objects.update(two_factor=TwoFactor.BOTH)
    UserSession.objects.create(user=user, session_key="k" * 32)
    Session.objects.create(session_key="k" * 32, session_data="", expire_date=timezone.now())
    return user


@pytest.fixture
def desk(db: None) -> User:
    return people.operator()


def disable(user: User, operator: User | None, **changes: Any) -> ResetDone | NotDone:
    facts = {"reason": "Phone stolen", "client_request": True, "ticket": "T-1", **changes}
    return resets.disable(user, facts.pop("scope", ResetScope.ALL), operator=operator, **facts)


def test_s48_it_disables_logs_tells_and_ends_sessions(ann: User, desk: User) -> None:
    heard: list[Any] = []

    def hear(**facts: Any) -> None:
        heard.append(facts)

    signals.factor_reset.connect(hear)
    done = disable(ann, desk)
    signals.factor_reset.disconnect(hear)
    assert isinstance(done, ResetDone)
    assert (set(done.removed), done.sessions_ended) == ({TOTP, SMS}, 1)
    assert not Authenticator.objects.exists()
    assert not SmsConfirmation.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert not Session.objects.exists()
    assert Client.objects.get().two_factor == TwoFactor.NONE
    assert Reset.objects.get().reason == "Phone stolen"
    event = AuditEvent.objects.get(action="twofa.factor_reset")
    assert (event.outcome, event.actor_id) == ("done", str(desk.pk))
    assert event.facts == {"scope": "all", "ticket": "T-1", "refused": ""}
    assert (personal.reveal(event) or {})["reason"] == "Phone stolen"
    assert Notice.objects.get().kind == "factor_reset"
    assert [facts["removed"] for facts in heard] == [done.removed]


def test_s42_the_old_number_is_told_in_words(ann: User, desk: User) -> None:
    disable(ann, desk, scope=ResetScope.SMS)
    message = SmsMessage.objects.get()
    assert message.number == NUMBER
    assert not any(symbol.isdigit() for symbol in message.body)
    assert factors.enabled(ann) == {TOTP}
    assert RecoveryCode.objects.exists()


def test_a_code_on_its_way_is_void(ann: User, desk: User) -> None:
    code = people.sent_code(ann)
    disable(ann, desk, scope=ResetScope.SMS)
    assert Challenge.objects.get().superseded_at is not None
    assert people.try_code(ann, code, SMS) == "no_challenge"


def test_s48_repeating_is_harmless(ann: User, desk: User) -> None:
    disable(ann, desk)
    counts = Reset.objects.count(), Notice.objects.count(), AuditEvent.objects.count()
    assert disable(ann, desk) is NotDone.NOTHING_TO_DO
    assert counts == (Reset.objects.count(), Notice.objects.count(), AuditEvent.objects.count())


def test_s48_two_operators_at_once_do_it_once(transactional_db: None) -> None:
    user = people.client()
    people.authenticator(user)
    desks = [people.operator(f"desk{i}@example.com") for i in range(6)]
    results = run_together(6, lambda i: disable(user, desks[i]))
    assert sum(isinstance(result, ResetDone) for result in results) == 1
    assert results.count(NotDone.NOTHING_TO_DO) == 5


def test_s80_nothing_is_changed_when_the_last_part_fails(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = people.client()
    people.authenticator(user)

    def fail(**_: Any) -> None:
        raise ConnectionError("a receiver fails")

    signals.factor_reset.connect(fail)
    try:
        with pytest.raises(ConnectionError):
            disable(user, None)
    finally:
        signals.factor_reset.disconnect(fail)
    assert Authenticator.objects.exists()
    assert not Reset.objects.exists()
    assert not AuditEvent.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reason": "  "}, NotDone.REASON_MISSING),
        ({"client_request": False}, NotDone.NOT_REQUESTED),
    ],
)
def test_s48_reason_and_request_are_needed(
    ann: User, desk: User, changes: dict[str, Any], why: NotDone
) -> None:
    assert disable(ann, desk, **changes) is why
    assert factors.enabled(ann) == {TOTP, SMS}


@pytest.mark.parametrize("group", ["Integrator", "Auditor", ""])
def test_s47_s77_who_lacks_the_right_is_refused_and_logged(ann: User, group: str) -> None:
    someone = people.operator("someone@example.com", group=group)
    assert disable(ann, someone) is NotDone.NOT_ALLOWED
    assert resets.unlock(ann, operator=someone, reason="x") in {NotDone.NOT_ALLOWED}
    assert not resets.may_disable(someone, ann)
    assert not resets.may_unlock(someone, ann)
    assert factors.enabled(ann) == {TOTP, SMS}
    events = AuditEvent.objects.filter(outcome="refused")
    assert [event.facts["refused"] for event in events] == ["not_allowed"] * 2


def test_s47_the_first_line_disables_nothing_and_unlocks_nobody_it_did_not_identify(
    ann: User,
) -> None:
    support = people.operator("support@example.com", group="Support")
    assert disable(ann, support) is NotDone.NOT_ALLOWED
    assert resets.unlock(ann, operator=support, reason="x") is NotDone.CALLER_NOT_IDENTIFIED
    assert not resets.may_disable(support, ann)
    assert resets.may_unlock(support, ann)
    assert not resets.may_unlock(support, ann, hard=True)


def test_s51_never_ones_own_factor(desk: User) -> None:
    people.authenticator(desk)
    assert disable(desk, desk) is NotDone.OWN_FACTOR
    assert not resets.may_disable(desk, desk)


def test_a_desk_cannot_strip_another_operator_an_administrator_can(desk: User) -> None:
    other = people.operator("other@example.com", group="Administrator")
    people.authenticator(other)
    assert disable(other, desk) is NotDone.NOT_ALLOWED
    boss = people.operator("boss@example.com", group="Administrator")
    assert isinstance(disable(other, boss), ResetDone)


def test_s51_mass_disabling_by_one_operator_is_stopped_and_reported(
    desk: User, set_policy: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    set_policy(resets_hour="2")
    users = [people.client(f"u{i}@example.com") for i in range(3)]
    for user in users:
        people.authenticator(user)
    results = [disable(user, desk) for user in users]
    assert results[2] is NotDone.TOO_MANY
    assert "limit of resets" in caplog.text
    assert factors.enabled(users[2]) == {TOTP}
    assert isinstance(disable(users[2], people.operator("b@example.com")), ResetDone)


def test_a_reset_of_everything_lets_a_locked_client_enrol_again(ann: User, desk: User) -> None:
    VerificationState.objects.create(user=ann, failures=10, hard_locked_at=timezone.now())
    disable(ann, desk, scope=ResetScope.SMS)
    assert VerificationState.objects.get(user=ann).hard_locked_at is not None
    disable(ann, desk)
    assert VerificationState.objects.get(user=ann).hard_locked_at is None


def test_enrolling_again_is_noted_on_the_reset(ann: User, desk: User) -> None:
    disable(ann, desk)
    factor_changes.put_in_force(ann, people.authenticator(ann, confirmed=False))
    assert Reset.objects.get().enrolled_again_at is not None


def test_what_was_only_begun_goes_without_a_word_to_the_client(desk: User) -> None:
    user = people.client()
    people.authenticator(user, confirmed=False)
    done = disable(user, desk)
    assert isinstance(done, ResetDone)
    assert done.removed == ()
    assert not Notice.objects.exists()


def test_unlocking_clears_every_counter_and_is_told(ann: User, desk: User) -> None:
    VerificationState.objects.create(
        user=ann, failures=10, hard_locked_at=timezone.now(), recovery_failures=3
    )
    assert resets.unlock(ann, operator=desk, reason=" ") is NotDone.REASON_MISSING
    done = resets.unlock(ann, operator=desk, reason="Identified by phone", ticket="T-2")
    assert done == Unlocked(failures=10)
    state = VerificationState.objects.get(user=ann)
    assert (state.failures, state.recovery_failures, state.hard_locked_at) == (0, 0, None)
    assert resets.unlock(ann, operator=desk, reason="again") is NotDone.NOTHING_TO_DO
    assert Notice.objects.get().kind == "unlocked"
    assert isinstance(people.try_code(ann, people.app_code(Authenticator.objects.get())), str)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("reset_two_factor", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_follows_the_same_rules(ann: User, desk: User) -> None:
    common = ("ann@example.com", "--factor", "sms", "--reason", "Phone lost")
    with pytest.raises(CommandError, match="--client-request"):
        run(*common)
    people.operator("reader@example.com", group="Auditor")
    with pytest.raises(CommandError, match="may not"):
        run(*common, "--client-request", "--by", "reader@example.com")
    with pytest.raises(CommandError, match="no user"):
        run(*common, "--by", "ghost@example.com")
    answer = run(*common, "--client-request", "--by", "DESK@example.com", "--ticket", "T", "--json")
    assert json.loads(answer) == {
        "email": "ann@example.com",
        "removed": ["sms"],
        "sessions_ended": 1,
    }
    assert Reset.objects.get().operator == desk
    assert "Nothing to disable" in run(*common, "--client-request")


def test_without_by_the_command_line_is_the_actor(ann: User) -> None:
    text = run("ann@example.com", "--factor", "all", "--reason", "x", "--client-request")
    assert "Google Authenticator, SMS confirmation" in text
    assert AuditEvent.objects.get(action="twofa.factor_reset").actor_kind == "command"
