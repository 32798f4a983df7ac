"""What Support does for an identified caller, and what it asks the Security desk for."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import User
from tests.services.threads import run_together
from tests.twofa import callers, people
from twofa import desk_requests, resets, resynchronising, signals, temporary_codes
from twofa.desk_requests import Declined
from twofa.diagnosis import facts
from twofa.models import Authenticator, DeskRequest, Resynchronisation, VerificationState
from twofa.models.reset import ResetScope
from twofa.operator_acts import NotDone
from twofa.results import Unlocked
from twofa.vocabulary import CallerProof, OperatorAct


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(clock: object) -> User:
    return locked(people.client())


@pytest.fixture
def support(db: None) -> User:
    return callers.support()


def locked(user: User, *, failures: int = 5, hard: bool = False) -> User:
    people.authenticator(user)
    at = timezone.now()
    VerificationState.objects.create(
        user=user,
        failures=failures,
        recovery_failures=5,
        locked_until=at + timedelta(minutes=15),
        recovery_locked_until=at + timedelta(minutes=15),
        hard_locked_at=at if hard else None,
    )
    return user


def unlock(user: User, operator: User) -> Unlocked | NotDone:
    return resets.unlock(user, operator=operator, reason="Called")


class TestUnlocking:
    def test_the_wait_ends_and_the_count_goes_on(self, ann: User, support: User) -> None:
        callers.identified(ann, support)
        assert unlock(ann, support) == Unlocked(failures=5)
        state = VerificationState.objects.get(user=ann)
        assert (state.locked_until, state.recovery_locked_until) == (None, None)
        assert (state.failures, state.recovery_failures) == (5, 5)
        wrong = people.wrong_app_code(Authenticator.objects.get(user=ann))
        for _ in range(5):
            assert people.try_code(ann, wrong) == "incorrect"
        assert VerificationState.objects.get(user=ann).hard_locked_at is not None
        assert unlock(ann, support) is NotDone.HARD_LOCKED

    def test_how_it_stood_then_is_known_later(
        self, ann: User, support: User, clock: "time_machine.Traveller"
    ) -> None:
        VerificationState.objects.update(failures=0, locked_until=None)
        wrong = people.wrong_app_code(Authenticator.objects.get(user=ann))
        for _ in range(5):
            people.try_code(ann, wrong)
        clock.shift(timedelta(minutes=1))
        callers.identified(ann, support)
        unlock(ann, support)
        clock.shift(timedelta(minutes=1))
        then = facts.gather(ann, at=timezone.now()).state
        assert (then.failures, then.locked_until) == (5, None)

    def test_a_hard_lock_is_not_for_the_first_line(self, clock: object, support: User) -> None:
        user = locked(people.client("hard@example.com"), failures=10, hard=True)
        callers.identified(user, support)
        assert unlock(user, support) is NotDone.HARD_LOCKED
        assert isinstance(unlock(user, people.operator()), Unlocked)

    def test_who_is_not_locked_is_not_unlocked(
        self, ann: User, support: User, clock: "time_machine.Traveller"
    ) -> None:
        clock.shift(timedelta(minutes=16))
        callers.identified(ann, support)
        assert unlock(ann, support) is NotDone.NOTHING_TO_DO

    @pytest.mark.parametrize("proof", list(CallerProof))
    def test_any_proof_is_enough_for_what_opens_nothing(
        self, ann: User, support: User, proof: CallerProof
    ) -> None:
        assert unlock(ann, support) is NotDone.CALLER_NOT_IDENTIFIED
        callers.identified(ann, support, proof)
        assert isinstance(unlock(ann, support), Unlocked)


class TestTheDailyLimit:
    def test_acts_of_every_kind_count_together(
        self,
        ann: User,
        support: User,
        set_policy: Callable[..., None],
        clock: "time_machine.Traveller",
    ) -> None:
        set_policy(first_line_day="2")
        callers.identified(ann, support)
        unlock(ann, support)
        resynchronising.allow(ann, operator=support, reason="x")
        refused = resynchronising.allow(ann, operator=support, reason="x")
        assert refused is NotDone.DAILY_LIMIT
        other = callers.support("other@example.com")
        callers.identified(ann, other)
        assert isinstance(resynchronising.allow(ann, operator=other, reason="x"), Resynchronisation)
        clock.shift(timedelta(days=1, seconds=1))
        callers.identified(ann, support)
        assert isinstance(
            resynchronising.allow(ann, operator=support, reason="x"), Resynchronisation
        )

    def test_it_is_not_the_security_desks(self, ann: User, set_policy: Callable[..., None]) -> None:
        set_policy(first_line_day="0")
        desk = people.operator()
        assert isinstance(resynchronising.allow(ann, operator=desk, reason="x"), Resynchronisation)

    def test_at_once_too(self, transactional_db: None, set_policy: Callable[..., None]) -> None:
        set_policy(first_line_day="3")
        support = callers.support()
        users = [locked(people.client(f"u{number}@example.com")) for number in range(8)]
        for user in users:
            callers.identified(user, support)
        results = run_together(8, lambda i: unlock(users[i], support))
        assert sum(isinstance(result, Unlocked) for result in results) == 3
        assert results.count(NotDone.DAILY_LIMIT) == 5


class TestAskingTheDesk:
    def ask(self, user: User, operator: User, **facts: str) -> DeskRequest | NotDone:
        return desk_requests.ask(
            user, OperatorAct.DISABLE_AUTHENTICATOR, operator=operator, **facts
        )

    def test_what_is_known_goes_with_it_and_the_desk_is_told(
        self, ann: User, support: User
    ) -> None:
        heard: list[DeskRequest] = []

        def hear(request: DeskRequest, **_: object) -> None:
            heard.append(request)

        signals.desk_asked.connect(hear)
        callers.identified(ann, support)
        made = self.ask(ann, support, verdict="totp.wrong_seed", reason="App lost", ticket="T-3")
        signals.desk_asked.disconnect(hear)
        assert isinstance(made, DeskRequest)
        made.refresh_from_db()
        assert (made.asked_by, made.verdict, made.reason) == (
            support,
            "totp.wrong_seed",
            "App lost",
        )
        assert (made.ticket, made.proof, made.state) == ("T-3", "pin", "open")
        assert heard == [made]
        event = AuditEvent.objects.get(action="twofa.desk_asked")
        assert event.facts["act"] == "disable_authenticator"

    def test_the_same_is_asked_once(self, ann: User, support: User) -> None:
        one = self.ask(ann, support)
        assert self.ask(ann, callers.support("two@example.com")) == one
        assert AuditEvent.objects.filter(action="twofa.desk_asked").count() == 1

    def test_at_once_too(self, transactional_db: None) -> None:
        user = people.client()
        supports = [callers.support(f"s{number}@example.com") for number in range(8)]
        results = run_together(8, lambda i: self.ask(user, supports[i]))
        assert len({result.pk for result in results if isinstance(result, DeskRequest)}) == 1
        assert DeskRequest.objects.count() == 1

    def test_there_is_a_limit_a_day(
        self, ann: User, support: User, set_policy: Callable[..., None]
    ) -> None:
        set_policy(desk_requests_day="1")
        first = self.ask(ann, support)
        bob = people.client("bob@example.com")
        assert self.ask(bob, support) is NotDone.ASKED_TOO_OFTEN
        assert self.ask(ann, support) == first  # what stands already is no new e-mail

    def test_the_act_settles_it(self, ann: User, support: User) -> None:
        made = self.ask(ann, support)
        desk = people.operator()
        resets.disable(
            ann, ResetScope.AUTHENTICATOR, operator=desk, reason="x", client_request=True
        )
        assert isinstance(made, DeskRequest)
        made.refresh_from_db()
        assert (made.state, made.answered_by) == ("done", desk)
        assert isinstance(self.ask(ann, support), DeskRequest)

    def test_unlocking_and_a_temporary_code_settle_theirs(self, ann: User, support: User) -> None:
        desk = people.operator()
        for act in (OperatorAct.UNLOCK, OperatorAct.TEMPORARY_CODE):
            desk_requests.ask(ann, act, operator=support)
        unlock(ann, desk)
        temporary_codes.issue(ann, operator=desk, reason="x", client_request=True)
        assert set(DeskRequest.objects.values_list("state", flat=True)) == {"done"}

    def test_what_the_first_line_may_do_itself_is_not_asked_for(
        self, ann: User, support: User
    ) -> None:
        with pytest.raises(ValueError, match="not asked for"):
            desk_requests.ask(ann, OperatorAct.RESYNCHRONISE, operator=support)

    def test_the_desk_declines_with_a_reason_once(self, ann: User, support: User) -> None:
        made = self.ask(ann, support)
        assert isinstance(made, DeskRequest)
        desk = people.operator()
        assert desk_requests.decline(made, operator=desk, reason=" ") is NotDone.REASON_MISSING
        assert desk_requests.decline(made, operator=support, reason="x") is NotDone.NOT_ALLOWED
        assert desk_requests.decline(made, operator=desk, reason="Unclear") is Declined.DONE
        assert desk_requests.decline(made, operator=desk, reason="Again") is Declined.OVER
        made.refresh_from_db()
        assert (made.state, made.answer, made.answered_by) == ("declined", "Unclear", desk)

    @pytest.mark.parametrize("group", ["Security desk", "Integrator", "Auditor", ""])
    def test_s47_only_the_first_line_asks(self, ann: User, group: str) -> None:
        someone = people.operator("someone@example.com", group=group)
        assert self.ask(ann, someone) is NotDone.NOT_ALLOWED
        assert not DeskRequest.objects.exists()
