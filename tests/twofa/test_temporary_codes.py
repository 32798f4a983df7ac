"""A code from support: once, within the hour, besides the password, for who lost the phone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients import people as clients_people
from clients.models import User
from smsproviders.models import SmsMessage
from tests.services.threads import run_together
from tests.twofa import callers, lost, people
from tests.twofa.pages import Person, code_by_sms
from tests.twofa.people import PASSWORD, app_code, try_code
from twofa import (
    approvals,
    caller_checks,
    holds,
    lost_device,
    resets,
    resynchronising,
    temporary_codes,
)
from twofa.models import (
    Authenticator,
    CodeAttempt,
    Notice,
    SmsConfirmation,
    TemporaryCode,
    VerificationState,
)
from twofa.models.reset import ResetScope
from twofa.operator_acts import NotDone
from twofa.temporary_codes import Issued
from twofa.verification import verify
from twofa.vocabulary import CallerProof, FactorKind, Purpose

TEMPORARY = FactorKind.TEMPORARY


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(clock: object) -> User:
    user = people.client(password=PASSWORD)
    people.authenticator(user)
    return user


@pytest.fixture
def desk(db: None) -> User:
    return people.operator()


def issue(user: User, operator: User, **changes: Any) -> Issued | NotDone:
    facts = {"reason": "Phone lost", "client_request": True, "ticket": "T-1", **changes}
    return temporary_codes.issue(user, operator=operator, **facts)


def given(user: User, operator: User) -> str:
    issued = issue(user, operator)
    assert isinstance(issued, Issued), issued
    return issued.code


def signed_in(user: User, code: str) -> Person:
    person = Person().sign_in(user.email).open("/sign-in/other/")
    assert "way-temporary" in person.page.marked
    return person.open("/sign-in/support-code/").submit("code", code)


class TestTheCode:
    def test_it_signs_in_once_besides_the_password(self, ann: User, desk: User) -> None:
        code = given(ann, desk)
        person = signed_in(ann, code.lower().replace("-", " "))
        assert person.path == "/security/"
        assert "signed in with a code from support" in person.html
        assert try_code(ann, code, TEMPORARY) == "incorrect"

    def test_it_dies_after_an_hour(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        code = given(ann, desk)
        clock.shift(timedelta(minutes=59))
        assert temporary_codes.live(ann, at=timezone.now())
        clock.shift(timedelta(minutes=1))
        assert try_code(ann, code, TEMPORARY) == "incorrect"

    def test_a_new_one_voids_the_one_before(self, ann: User, desk: User) -> None:
        old, new = given(ann, desk), given(ann, desk)
        assert try_code(ann, old, TEMPORARY) == "incorrect"
        assert try_code(ann, new, TEMPORARY) == "accepted"

    def test_anothers_code_opens_nothing(self, ann: User, desk: User) -> None:
        bob = people.client("bob@example.com")
        people.authenticator(bob)
        assert try_code(ann, given(bob, desk), TEMPORARY) == "incorrect"

    def test_wrong_ones_count_for_the_account_and_its_lock_holds_for_them(
        self, ann: User, desk: User
    ) -> None:
        code = given(ann, desk)
        device = Authenticator.objects.get()
        for _ in range(3):
            try_code(ann, people.wrong_app_code(device))
        for _ in range(2):
            assert try_code(ann, "ABCDEFGH", TEMPORARY) == "incorrect"
        assert VerificationState.objects.get(user=ann).failures == 5
        assert try_code(ann, code, TEMPORARY) == "locked"
        assert try_code(ann, app_code(device)) == "locked"

    @pytest.mark.parametrize("purpose", [Purpose.STEP_UP, Purpose.ENROL, Purpose.OPERATOR_ACT])
    def test_it_is_for_signing_in_only(self, ann: User, purpose: Purpose) -> None:
        with pytest.raises(ValueError, match="not for"):
            verify(ann, factor=TEMPORARY, purpose=purpose, binding="b", code="ABCDEFGH")

    @pytest.mark.parametrize("typed", ["", "ABC", "ABCD-EFGH-J", "ABCD-EFG0", "x" * 1000])
    def test_what_cannot_be_one_counts_for_nothing(self, ann: User, typed: str) -> None:
        assert try_code(ann, typed, TEMPORARY) == "malformed"
        assert not CodeAttempt.objects.exists()

    def test_only_a_keyed_digest_is_kept(self, ann: User, desk: User) -> None:
        code = given(ann, desk)
        rows = [
            str(vars(row))
            for model in (TemporaryCode, AuditEvent, Notice)
            for row in model.objects.all()
        ]
        assert not any(code in row or code.replace("-", "") in row for row in rows)

    def test_one_code_from_20_sessions_signs_in_once(self, transactional_db: None) -> None:
        user = people.client()
        people.authenticator(user)
        code = given(user, people.operator())
        results = run_together(20, lambda i: try_code(user, code, TEMPORARY, binding=f"{i:064}"))
        assert list(map(str, results)).count("accepted") == 1
        assert Notice.objects.filter(kind="temporary_code_used").count() == 1

    def test_the_factor_that_is_asked_for_first_stays_the_same(self, ann: User, desk: User) -> None:
        try_code(ann, given(ann, desk), TEMPORARY)
        assert VerificationState.objects.get(user=ann).last_factor == ""


class TestWithoutAnyCode:
    def test_the_way_is_shown_to_everybody_and_the_answer_is_the_same(
        self, ann: User, desk: User
    ) -> None:
        bob = people.client("bob@example.com", password=PASSWORD)
        people.authenticator(bob)
        given(ann, desk)
        pages = [signed_in(user, "ABCD-EFGH") for user in (ann, bob)]
        errors = [person.page.marked["error"] for person in pages]
        assert errors[0] == errors[1]
        assert {person.path for person in pages} == {"/sign-in/support-code/"}

    def test_without_a_half_sign_in_there_is_no_such_page(self, ann: User) -> None:
        assert Person().open("/sign-in/support-code/").path == "/sign-in/"


class TestAfterwards:
    def test_one_new_factor_may_be_enabled_without_the_lost_one(
        self, ann: User, desk: User
    ) -> None:
        lost = Authenticator.objects.get()
        person = signed_in(ann, given(ann, desk))
        person.open("/security/authenticator/").press("begin")
        begun = Authenticator.objects.get(user=ann, confirmed=False)
        person.submit("code", app_code(begun))
        assert Authenticator.objects.get(user=ann) == begun != lost
        assert Notice.objects.filter(user=ann, kind="factor_replaced").exists()
        person.open("/security/sms/").submit("phone", "+33612345678")
        assert "step-up" in person.page.marked
        assert not SmsConfirmation.objects.exists()

    def test_then_the_client_goes_on_to_where_the_sign_in_was_to_lead(
        self, ann: User, desk: User
    ) -> None:
        code = given(ann, desk)
        person = Person().sign_in(ann.email, next="/security/sessions/")
        person.open("/sign-in/support-code/").submit("code", code)
        assert person.path == "/security/"
        people.codes(ann)
        person.open("/security/authenticator/").press("begin")
        begun = Authenticator.objects.get(user=ann, confirmed=False)
        person.submit("code", app_code(begun))
        assert person.path == "/security/sessions/"

    def test_nothing_else_may_be_changed(self, ann: User, desk: User) -> None:
        person = signed_in(ann, given(ann, desk))
        for page, button in (
            ("/security/authenticator/", "disable"),
            ("/security/recovery-codes/", "make"),
            ("/security/password/", "begin"),
        ):
            person.open(page).press(button)
            assert "step-up" in person.page.marked, page
        assert Authenticator.objects.filter(user=ann).count() == 1

    def test_after_a_quarter_of_an_hour_not_even_that(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        person = signed_in(ann, given(ann, desk))
        clock.shift(timedelta(minutes=15))
        person.open("/security/authenticator/").press("begin")
        assert "step-up" in person.page.marked

    def test_another_number_takes_the_place_of_the_lost_one_and_that_is_told(
        self, clock: object, desk: User
    ) -> None:
        user = people.client(password=PASSWORD)
        people.sms(user, "+33698765432")
        person = signed_in(user, given(user, desk))
        person.open("/security/sms/").submit("phone", "+33612345678")
        person.submit("code", code_by_sms(user))
        assert str(SmsConfirmation.objects.get(user=user).number) == "+33612345678"
        assert SmsMessage.objects.filter(number="+33698765432", purpose="notice").exists()

    def test_a_session_by_it_ends_as_any_other(self, ann: User, desk: User) -> None:
        person = signed_in(ann, given(ann, desk))
        resets.disable(ann, ResetScope.ALL, operator=desk, reason="x", client_request=True)
        assert person.open("/security/").path.startswith("/sign-in/")

    def test_it_is_told_when_it_is_given_out_and_when_it_is_used(
        self, ann: User, desk: User
    ) -> None:
        signed_in(ann, given(ann, desk))
        kinds = Notice.objects.filter(user=ann).order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["temporary_code_issued", "temporary_code_used"]
        event = AuditEvent.objects.get(action="twofa.temporary_code_issued")
        assert (event.actor_id, event.facts) == (str(desk.pk), {"ticket": "T-1", "refused": ""})
        entered = AuditEvent.objects.get(action="twofa.signed_in")
        assert entered.facts == {"factor": "temporary"}


class TestWhoSaysNotMe:
    def test_s46_an_open_request_holds_a_code_back_until_its_proofs_and_its_time(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        request = lost.asked(ann)
        clock.shift(timedelta(hours=2))
        assert issue(ann, desk) is NotDone.PROOFS_MISSING
        lost.proved(request, desk)
        assert isinstance(issue(ann, desk), Issued)
        lost_device.withdraw(request.pk, proof=CallerProof.LINK)
        lost.proved(lost.asked(ann), desk)
        assert issue(ann, desk) is NotDone.TOO_EARLY

    def test_a_code_given_out_before_opens_nothing_after_not_me(
        self, ann: User, desk: User
    ) -> None:
        first, allowed = given(ann, desk), callers.allowed(ann)
        lost_device.deny(lost.asked(ann).pk, proof=CallerProof.LINK)
        assert try_code(ann, first, TEMPORARY) == "incorrect"
        assert resynchronising.allowed(ann, at=timezone.now()) is None
        assert allowed.used_at is None

    def test_nor_after_not_me_on_the_page_of_an_approval(self, ann: User, desk: User) -> None:
        code = given(ann, desk)
        asked, _ = callers.asked_to_approve(ann, desk)
        approvals.answer(asked.pk, approved=False, proof=CallerProof.LINK)
        assert try_code(ann, code, TEMPORARY) == "incorrect"

    def test_who_came_in_by_it_cannot_undo_not_me_by_a_support_pin(
        self, ann: User, desk: User
    ) -> None:
        stranger = signed_in(ann, given(ann, desk))
        asked, _ = callers.asked_to_approve(ann, desk)
        approvals.answer(asked.pk, approved=False, proof=CallerProof.LINK)
        stranger.open("/security/support-pin/")
        assert stranger.path.startswith("/sign-in/")
        assert caller_checks.denied_until(ann, at=timezone.now())

    def test_a_sign_in_by_it_holds_grave_acts_of_other_systems(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        code = given(ann, desk)
        assert holds.of(ann) == []
        person = signed_in(ann, code)
        (hold,) = holds.of(ann)
        assert hold.reason is holds.HoldReason.TEMPORARY_CODE
        assert hold.until == timezone.now() + timedelta(days=1)
        assert person.page.attributes["hold"]["data-reason"] == "temporary_code"
        clock.shift(timedelta(days=1))
        assert holds.of(ann) == []


class TestGivingItOut:
    @pytest.mark.parametrize("group", ["Support", "Integrator", "Auditor", ""])
    def test_s47_who_lacks_the_right_is_refused_and_logged(self, ann: User, group: str) -> None:
        someone = people.operator("someone@example.com", group=group)
        assert not temporary_codes.may_issue(someone, ann)
        assert issue(ann, someone) is NotDone.NOT_ALLOWED
        assert AuditEvent.objects.get(action="twofa.temporary_code_issued").outcome == "refused"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"reason": " "}, NotDone.REASON_MISSING),
            ({"client_request": False}, NotDone.NOT_REQUESTED),
        ],
    )
    def test_reason_and_request_are_needed(
        self, ann: User, desk: User, changes: dict[str, Any], why: NotDone
    ) -> None:
        assert issue(ann, desk, **changes) is why

    def test_s51_never_to_oneself_and_never_to_an_operator(self, desk: User) -> None:
        people.authenticator(desk)
        other = people.operator("other@example.com", group="Administrator")
        people.authenticator(other)
        boss = people.operator("boss@example.com", group="Administrator")
        assert issue(desk, desk) is NotDone.OWN_FACTOR
        assert issue(other, boss) is NotDone.NOT_ALLOWED
        assert not temporary_codes.may_issue(boss, other)

    def test_s49_a_changed_contact_holds_it_for_a_day(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        boss = people.operator("boss@example.com", group="Administrator")
        clients_people.change_contact(
            ann.client, email="new@example.com", phone="", operator=boss, reason="x"
        )
        assert issue(ann, desk) is NotDone.HELD
        clock.shift(timedelta(hours=24))
        assert isinstance(issue(ann, desk), Issued)

    def test_s51_it_counts_as_a_reset_does(
        self, ann: User, desk: User, set_policy: Callable[..., None]
    ) -> None:
        set_policy(resets_hour="2")
        bob = people.client("bob@example.com")
        people.authenticator(bob)
        given(ann, desk)
        resets.disable(bob, ResetScope.ALL, operator=desk, reason="x", client_request=True)
        assert issue(ann, desk) is NotDone.TOO_MANY

    def test_s51_at_once_too(self, transactional_db: None, set_policy: Callable[..., None]) -> None:
        set_policy(resets_hour="3")
        desk = people.operator()
        users = [people.client(f"u{number}@example.com") for number in range(8)]
        for user in users:
            people.authenticator(user)
        results = run_together(8, lambda i: issue(users[i], desk))
        assert sum(isinstance(result, Issued) for result in results) == 3
        assert results.count(NotDone.TOO_MANY) == 5

    def test_a_client_without_a_factor_needs_none(self, clock: object, desk: User) -> None:
        assert issue(people.client("new@example.com"), desk) is NotDone.NOTHING_TO_DO

    def test_disabling_the_last_factor_voids_it(self, ann: User, desk: User) -> None:
        given(ann, desk)
        resets.disable(ann, ResetScope.ALL, operator=desk, reason="x", client_request=True)
        assert temporary_codes.live(ann, at=timezone.now()) is None
