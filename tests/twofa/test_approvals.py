"""A client agrees to an act by a page, or says "this was not me"."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from backoffice.audit.models import AuditEvent, Outcome
from clients import people as clients_people
from clients.models import User
from tests.services.threads import run_together
from tests.twofa import callers, people
from tests.twofa.callers import asked_to_approve
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD
from twofa import approvals, caller_checks, resets, signals, temporary_codes
from twofa.approvals import Over
from twofa.models import Approval, CallerCheck, Notice, VerificationState
from twofa.models.reset import ResetScope
from twofa.operator_acts import NotDone
from twofa.results import ResetDone, Unlocked
from twofa.vocabulary import CallerProof, OperatorAct

NOW = "2026-11-24T10:00:05Z"


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(clock: object) -> User:
    user = people.client(password=PASSWORD)
    people.sms(user)
    return user


@pytest.fixture
def desk(db: None) -> User:
    desk = people.operator()
    desk.name = "Dora Desk"
    desk.save()
    return desk


def disable(user: User, operator: User) -> ResetDone | NotDone:
    return resets.disable(
        user, ResetScope.SMS, operator=operator, reason="Lost", client_request=True
    )


class TestTheLink:
    def test_the_e_mail_and_the_page_name_company_ticket_operator_and_act(
        self, ann: User, desk: User
    ) -> None:
        _, path = asked_to_approve(ann, desk)
        page = Person().open(path)
        for text in (str(mail.outbox[-1].body), page.html):
            for word in ("Back Office", "T-7", "Dora Desk", "Disable SMS confirmation"):
                assert word in text
        assert page.path == "/approve/"

    def test_agreeing_identifies_the_caller_to_who_asked_for_that_act(
        self, ann: User, desk: User, set_policy: Callable[..., None]
    ) -> None:
        set_policy(require_caller_check="on")
        _, path = asked_to_approve(ann, desk)
        page = Person().open(path).press("answer", "yes")
        assert page.page.attributes["approval-state"]["data-state"] == "approved"
        check = CallerCheck.objects.get()
        assert (check.operator, check.proof, check.act, check.ticket) == (
            desk,
            CallerProof.LINK,
            OperatorAct.DISABLE_SMS,
            "T-7",
        )
        given = temporary_codes.issue(ann, operator=desk, reason="x", client_request=True)
        assert given is NotDone.CALLER_NOT_IDENTIFIED
        assert isinstance(disable(ann, desk), ResetDone)

    def test_s44_looking_changes_nothing_and_an_answer_needs_its_token(
        self, ann: User, desk: User
    ) -> None:
        approval, path = asked_to_approve(ann, desk)
        person = Person().open(path).open(path).open("/approve/")
        token = person.page.form_with("answer").fields["csrfmiddlewaretoken"]
        assert person.http.post(path, {"csrfmiddlewaretoken": token}).status_code == 405
        fields = {"approval": str(approval.pk), "answer": "yes"}
        assert person.http.post("/approve/", fields).status_code == 403
        approval.refresh_from_db()
        assert approval.answer == ""

    def test_it_works_once(self, ann: User, desk: User) -> None:
        _, path = asked_to_approve(ann, desk)
        Person().open(path).press("answer", "yes")
        again = Person().open(path)
        assert "approve" not in again.page.marked
        assert again.page.attributes["approval-state"]["data-state"] == "approved"

    def test_it_dies_after_a_quarter_of_an_hour(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        _, path = asked_to_approve(ann, desk)
        person = Person().open(path)
        clock.shift(timedelta(minutes=15))
        person.press("answer", "yes")
        assert person.page.attributes["approval-state"]["data-state"] == "over"
        assert not CallerCheck.objects.exists()

    def test_a_new_question_of_the_same_operator_withdraws_the_one_before(
        self, ann: User, desk: User
    ) -> None:
        _, old = asked_to_approve(ann, desk)
        _, new = asked_to_approve(ann, desk, OperatorAct.UNLOCK)
        assert "approve" not in Person().open(old).page.marked
        assert "approve" in Person().open(new).page.marked

    def test_s40_an_unknown_link_is_answered_as_one_that_never_was(self, db: None) -> None:
        person = Person().open("/approve/nonsense/")
        assert person.response.status_code == 404
        assert Person().open("/approve/").response.status_code == 404

    def test_only_the_question_that_was_read_is_answered(self, ann: User, desk: User) -> None:
        _, path = asked_to_approve(ann, desk)
        person = Person().open(path)
        token = person.page.form_with("answer").fields["csrfmiddlewaretoken"]
        fields = {"csrfmiddlewaretoken": token, "approval": str(uuid4()), "answer": "yes"}
        assert person.http.post("/approve/", fields).status_code == 404
        assert not CallerCheck.objects.exists()

    def test_only_a_digest_of_the_token_is_kept(self, ann: User, desk: User) -> None:
        _, path = asked_to_approve(ann, desk)
        token = path.split("/")[2]
        kept = str([vars(row) for row in (*Approval.objects.all(), *AuditEvent.objects.all())])
        assert token not in kept
        assert Notice.objects.get().context == ""  # sent, and its link forgotten

    def test_s84_the_token_leaves_the_address_at_once(self, ann: User, desk: User) -> None:
        _, path = asked_to_approve(ann, desk)
        answer = Person().http.get(path)
        assert answer.status_code == 302
        assert answer["Location"] == "/approve/"
        assert "no-store" in answer["Cache-Control"]


class TestWhatItProves:
    def test_after_the_password_step_the_password_alone(self, ann: User, desk: User) -> None:
        asked_to_approve(ann, desk)
        person = Person().sign_in(ann.email).open("/sign-in/other/")
        assert "approval-waits" in person.page.marked
        person.open("/approve/").press("answer", "yes")
        check = CallerCheck.objects.get()
        assert check.proof == CallerProof.PASSWORD
        at = timezone.now()
        assert caller_checks.fresh(ann, desk, at=at) == check
        assert caller_checks.fresh(ann, desk, at=at, act=OperatorAct.DISABLE_SMS) is None

    def test_with_the_link_in_the_same_browser_both(self, ann: User, desk: User) -> None:
        _, path = asked_to_approve(ann, desk)
        Person().sign_in(ann.email).open(path).press("answer", "yes")
        assert CallerCheck.objects.get().proof == CallerProof.LINK_AND_PASSWORD

    def test_signed_in_with_a_factor(self, ann: User, desk: User) -> None:
        person, _ = signed_in_by_app(ann)
        asked_to_approve(ann, desk)
        assert "approval-waits" in person.open("/security/").page.marked
        person.open("/approve/").press("answer", "yes")
        assert CallerCheck.objects.get().proof == CallerProof.SIGNED_IN

    def test_in_somebody_elses_browser_the_link_alone(self, ann: User, desk: User) -> None:
        bob = people.client("bob@example.com", password=PASSWORD)
        person, _ = signed_in_by_app(bob)
        _, path = asked_to_approve(ann, desk)
        assert person.open("/approve/").response.status_code == 404
        person.open(path).press("answer", "yes")
        assert CallerCheck.objects.get().proof == CallerProof.LINK


class TestNotMe:
    def test_it_is_logged_told_upwards_and_stops_every_act(self, ann: User, desk: User) -> None:
        heard: list[Approval] = []

        def hear(approval: Approval, **_: object) -> None:
            heard.append(approval)

        signals.caller_denied.connect(hear)
        _, path = asked_to_approve(ann, desk)
        page = Person().open(path).press("answer", "no")
        signals.caller_denied.disconnect(hear)
        assert page.page.attributes["approval-state"]["data-state"] == "denied"
        assert [one.user for one in heard] == [ann]
        event = AuditEvent.objects.get(action="twofa.approval_answered")
        assert event.facts["answer"] == "denied"
        other = people.operator("other@example.com")
        for operator in (desk, other):
            assert disable(ann, operator) is NotDone.DENIED_BY_CLIENT
            given = temporary_codes.issue(ann, operator=operator, reason="x", client_request=True)
            assert given is NotDone.DENIED_BY_CLIENT
            assert resets.unlock(ann, operator=operator, reason="x") is NotDone.DENIED_BY_CLIENT

    def test_with_the_password_alone_it_answers_that_question_only(
        self, ann: User, desk: User
    ) -> None:
        callers.identified(ann, desk)
        approval, _ = asked_to_approve(ann, desk)
        Person().sign_in(ann.email).open("/approve/").press("answer", "no")
        approval.refresh_from_db()
        assert approval.answer == Approval.Answer.DENIED
        assert isinstance(disable(ann, desk), ResetDone)

    def test_it_holds_for_a_day(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        approval, _ = asked_to_approve(ann, desk)
        approvals.answer(approval.pk, approved=False, proof=CallerProof.LINK)
        clock.shift(timedelta(hours=24))
        assert isinstance(disable(ann, desk), ResetDone)

    def test_a_support_pin_shows_that_the_client_is_back(self, ann: User, desk: User) -> None:
        callers.identified(ann, desk)
        approval, _ = asked_to_approve(ann, desk)
        approvals.answer(approval.pk, approved=False, proof=CallerProof.LINK)
        callers.identified(ann, desk, CallerProof.LINK)
        assert disable(ann, desk) is NotDone.DENIED_BY_CLIENT

    def test_and_only_one_from_after_it(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        approval, _ = asked_to_approve(ann, desk)
        approvals.answer(approval.pk, approved=False, proof=CallerProof.LINK)
        clock.shift(60)
        callers.identified(ann, desk)
        assert isinstance(disable(ann, desk), ResetDone)

    def test_what_was_proved_or_asked_before_it_counts_no_more_once_the_client_is_back(
        self,
        ann: User,
        desk: User,
        set_policy: Callable[..., None],
        clock: "time_machine.Traveller",
    ) -> None:
        set_policy(require_caller_check="on")
        other = people.operator("other@example.com")
        callers.identified(ann, other, CallerProof.LINK)
        waiting, _ = asked_to_approve(ann, other)
        approval, _ = asked_to_approve(ann, desk)
        approvals.answer(approval.pk, approved=False, proof=CallerProof.LINK)
        clock.shift(60)
        callers.identified(ann, desk)
        late = approvals.answer(waiting.pk, approved=True, proof=CallerProof.LINK)
        assert isinstance(late, Over)
        assert disable(ann, other) is NotDone.CALLER_NOT_IDENTIFIED
        assert isinstance(disable(ann, desk), ResetDone)


class TestAsking:
    def test_it_is_held_while_the_address_is_one_that_an_operator_entered(
        self, ann: User, desk: User
    ) -> None:
        boss = people.operator("boss@example.com", group="Administrator")
        clients_people.change_contact(
            ann.client, email="new@example.com", phone="", operator=boss, reason="x"
        )
        assert approvals.ask(ann, OperatorAct.UNLOCK, operator=desk) is NotDone.HELD

    def test_five_an_hour_for_one_client(self, ann: User, desk: User) -> None:
        for _ in range(5):
            assert isinstance(approvals.ask(ann, OperatorAct.UNLOCK, operator=desk), Approval)
        assert approvals.ask(ann, OperatorAct.UNLOCK, operator=desk) is NotDone.TOO_MANY
        assert Notice.objects.count() == 5

    def test_one_operator_asks_so_many_clients_a_day(
        self, ann: User, desk: User, set_policy: Callable[..., None]
    ) -> None:
        set_policy(approvals_day="1")
        bob, other = people.client("bob@example.com"), people.operator("other@example.com")
        assert isinstance(approvals.ask(ann, OperatorAct.UNLOCK, operator=desk), Approval)
        assert approvals.ask(bob, OperatorAct.UNLOCK, operator=desk) is NotDone.ASKED_TOO_OFTEN
        assert AuditEvent.objects.filter(outcome=Outcome.REFUSED).count() == 1
        assert isinstance(approvals.ask(bob, OperatorAct.UNLOCK, operator=other), Approval)

    @pytest.mark.parametrize("group", ["Integrator", "Auditor", ""])
    def test_s47_not_everybody_asks(self, ann: User, group: str) -> None:
        someone = people.operator("someone@example.com", group=group)
        assert approvals.ask(ann, OperatorAct.UNLOCK, operator=someone) is NotDone.NOT_ALLOWED
        assert not Notice.objects.exists()

    def test_an_operator_without_a_name_is_not_named_by_address(self, ann: User) -> None:
        nameless = people.operator("secret.address@example.com")
        _, path = asked_to_approve(ann, nameless)
        assert "secret.address" not in str(mail.outbox[-1].body) + Person().open(path).html

    def test_a_test_message_needs_no_page(self, ann: User, desk: User) -> None:
        with pytest.raises(ValueError, match="not asked for"):
            approvals.ask(ann, OperatorAct.TEST_MESSAGE, operator=desk)


def test_yes_and_no_at_once_from_12_browsers_count_once(transactional_db: None) -> None:
    user = people.client()
    approval, _ = asked_to_approve(user, people.operator())

    def answered(number: int) -> Approval | Over:
        return approvals.answer(approval.pk, approved=number % 2 == 0, proof=CallerProof.LINK)

    results = run_together(12, answered)
    assert sum(isinstance(result, Approval) for result in results) == 1
    said = AuditEvent.objects.filter(action="twofa.approval_answered")
    assert said.count() == 1
    assert CallerCheck.objects.count() == (said.get().facts["answer"] == "approved")


def test_an_approval_for_one_act_is_enough_for_what_does_no_harm(ann: User) -> None:
    support = callers.support()
    until = timezone.now() + timedelta(minutes=15)
    VerificationState.objects.create(user=ann, failures=5, locked_until=until)
    approval, _ = asked_to_approve(ann, support, OperatorAct.DISABLE_SMS)
    approvals.answer(approval.pk, approved=True, proof=CallerProof.LINK)
    assert isinstance(resets.unlock(ann, operator=support, reason="x"), Unlocked)
