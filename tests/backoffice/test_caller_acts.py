"""The caller on a client's page, the first line's acts, and Security > Requests."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent
from backoffice.policy import changes
from clients.models import Client, User, UserSession
from tests.backoffice import books
from tests.backoffice.books import desk, locked, own_code, page_of, with_both_factors
from tests.backoffice.operators import operator, sign_in
from tests.twofa import callers
from twofa import approvals, codes, desk_requests, support_pins, tasks, temporary_codes
from twofa.models import (
    Approval,
    Authenticator,
    CallerCheck,
    DeskRequest,
    Notice,
    Reset,
    Resynchronisation,
    SmsConfirmation,
    SupportPin,
    TemporaryCode,
    VerificationState,
)
from twofa.vocabulary import CallerProof, OperatorAct

pytestmark = pytest.mark.django_db
SUPPORT, DESK, INTEGRATOR, AUDITOR, ADMIN = (
    "Support",
    "Security desk",
    "Integrator",
    "Auditor",
    "Administrator",
)
ROLES = (SUPPORT, DESK, INTEGRATOR, AUDITOR, ADMIN)
PEOPLE = frozenset({SUPPORT, DESK, ADMIN})
ACTS = frozenset({DESK, ADMIN})


@pytest.fixture
def ann() -> Client:
    return with_both_factors(books.client(phone="+33612345678", country="FR"))


@pytest.fixture
def set_policy() -> Callable[..., None]:
    def set_to(**texts: str) -> None:
        changes.change(texts, actor=log.SYSTEM)

    return set_to


def settings_of(client: Client) -> str:
    return page_of(client, "settings/")


def shown(browser: Browser, client: Client) -> str:
    return browser.get(settings_of(client)).content.decode()


def pin_of(client: Client) -> str:
    """As on the client's own page."""
    row = SupportPin(
        user=client.user,
        session=UserSession.objects.create(
            user=client.user, session_key=timezone.now().isoformat()
        ),
        factor="authenticator",
        expires_at=timezone.now() + support_pins.LIFE,
    )
    pin = codes.new_code()
    row.digest = support_pins._digest(pin, row.pk)
    row.save()
    return pin


class TestThePin:
    def test_typed_on_the_page_it_identifies_the_caller(self, client: Browser, ann: Client) -> None:
        desk(client, SUPPORT)
        assert 'data-test="caller-pin"' in shown(client, ann)
        answer = client.post(page_of(ann, "caller/pin/"), {"pin": pin_of(ann)})
        assert answer["Location"] == settings_of(ann) + "#caller"
        page = shown(client, ann)
        assert "The caller is identified to you" in page
        assert "Support PIN from a signed-in session" in page
        assert 'data-test="caller-pin"' not in page
        for tab in ("change/", "sessions/"):
            assert "Caller identified" in client.get(page_of(ann, tab)).content.decode()

    def test_typed_on_the_page_of_an_act_it_goes_on_there(
        self, client: Browser, ann: Client
    ) -> None:
        locked(ann)
        desk(client, SUPPORT)
        act = page_of(ann, "two-factor/unlock/")
        page = client.get(act).content.decode()
        assert f'name="next" value="{act}"' in page
        assert 'data-test="caller-pin"' in page
        typed = {"pin": pin_of(ann), "next": act}
        answer = client.post(page_of(ann, "caller/pin/"), typed, follow=True)
        assert answer.redirect_chain == [(act, 302)]
        assert 'data-test="caller-known"' in answer.content.decode()

    def test_no_address_of_another_site_is_gone_on_with(self, client: Browser, ann: Client) -> None:
        desk(client, SUPPORT)
        answer = client.post(page_of(ann, "caller/pin/"), {"pin": "", "next": "//evil.example"})
        assert answer["Location"] == settings_of(ann) + "#caller"

    def test_to_another_operator_the_caller_is_unknown(self, client: Browser, ann: Client) -> None:
        callers.identified(ann.user, operator("o@example.com", groups=[DESK]))
        desk(client, SUPPORT)
        assert 'data-test="caller-check"' not in shown(client, ann)
        assert "Caller identified" not in client.get(page_of(ann)).content.decode()

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", "Type the PIN that the caller reads out"),
            ("12", "has six digits"),
            ("000000", "This PIN is not right"),
        ],
    )
    def test_a_wrong_one_says_why(
        self, client: Browser, ann: Client, typed: str, words: str
    ) -> None:
        desk(client, SUPPORT)
        client.post(page_of(ann, "caller/pin/"), {"pin": typed})
        assert words in shown(client, ann)
        assert not CallerCheck.objects.exists()

    def test_after_five_wrong_ones_it_says_so(self, client: Browser, ann: Client) -> None:
        desk(client, SUPPORT)
        pin = pin_of(ann)
        for number in range(5):
            client.post(
                page_of(ann, "caller/pin/"), {"pin": f"{(int(pin) + 1 + number) % 10**6:06d}"}
            )
        client.post(page_of(ann, "caller/pin/"), {"pin": pin})
        assert "Too many wrong PINs" in shown(client, ann)
        assert not CallerCheck.objects.exists()

    def test_s44_a_link_identifies_nobody(self, client: Browser, ann: Client) -> None:
        desk(client, SUPPORT)
        assert client.get(page_of(ann, "caller/pin/"), {"pin": pin_of(ann)}).status_code == 405

    def test_s44_a_foreign_form_is_refused(self, ann: Client) -> None:
        strict = Browser(enforce_csrf_checks=True)
        desk(strict, SUPPORT)
        assert strict.post(page_of(ann, "caller/pin/"), {"pin": pin_of(ann)}).status_code == 403


class TestTheApproval:
    def test_it_is_asked_for_and_its_answer_shown(self, client: Browser, ann: Client) -> None:
        user = desk(client, DESK)
        address = page_of(ann, "caller/approval/")
        assert "this was not me" in client.get(address).content.decode()
        client.post(address, {"act": "disable_sms", "ticket": "T-9"})
        page = shown(client, ann)
        assert "The e-mail is on its way" in page
        assert "An e-mail asks the client: Disable SMS confirmation" in page
        approval = Approval.objects.get()
        assert (approval.operator, approval.ticket) == (user, "T-9")
        approvals.answer(approval.pk, approved=True, proof=CallerProof.LINK)
        page = shown(client, ann)
        assert "Approved by e-mail link alone" in page
        assert "proves only that somebody reads this mailbox" in page

    def test_this_was_not_me_stands_on_the_page_stops_acts_and_alerts_the_desk(
        self, client: Browser, ann: Client
    ) -> None:
        user = desk(client, DESK)
        other = operator("other@example.com", groups=[DESK])
        approval, _ = callers.asked_to_approve(ann.user, user)
        mail.outbox.clear()
        approvals.answer(approval.pk, approved=False, proof=CallerProof.LINK)
        assert "The client said: this was not me" in shown(client, ann)
        page = client.get(page_of(ann, "two-factor/sms/disable/")).content.decode()
        assert 'data-test="caller-obstacle"' in page
        assert 'data-test="act-form"' not in page
        told = Notice.objects.filter(kind="operator_alert")
        assert {notice.user for notice in told} == {user, other}
        tasks.send_notice(str(told[0].pk))
        assert "this was not me" in mail.outbox[0].subject
        assert f"{settings_of(ann)}" in str(mail.outbox[0].body)
        assert ann.user.email not in str(mail.outbox[0].body)

    def test_only_known_acts_can_be_asked_for(self, client: Browser, ann: Client) -> None:
        desk(client, DESK)
        answer = client.post(page_of(ann, "caller/approval/"), {"act": "everything"})
        assert answer.status_code == 200
        assert not Approval.objects.exists()


class TestResynchronising:
    def test_it_is_allowed_with_a_reason_and_shown(self, client: Browser, ann: Client) -> None:
        desk(client, DESK)
        address = page_of(ann, "two-factor/resynchronise/")
        assert "Nobody reads a code to you" in client.get(address).content.decode()
        assert client.post(address, {"reason": " "}).status_code == 200
        assert not Resynchronisation.objects.exists()
        assert client.post(address, {"reason": "Clock"})["Location"] == settings_of(ann)
        assert "Two codes in a row are allowed" in shown(client, ann)

    def test_the_card_shows_the_known_clock(self, client: Browser, ann: Client) -> None:
        Authenticator.objects.filter(user=ann.user).update(drift_steps=-10)
        desk(client, DESK)
        assert "5 min slow" in shown(client, ann)

    def test_without_an_authenticator_there_is_nothing_to_do(
        self, client: Browser, ann: Client
    ) -> None:
        Authenticator.objects.filter(user=ann.user).delete()
        desk(client, DESK)
        assert 'data-test="resynchronise"' not in shown(client, ann)
        answer = client.get(page_of(ann, "two-factor/resynchronise/"), follow=True)
        assert "has no authenticator" in answer.content.decode()


class TestTheTemporaryCode:
    def issue(self, browser: Browser, client: Client, **given: Any) -> Any:
        values = {"reason": "Phone lost", "ticket": "T-1", "identified": "on", **given}
        return browser.post(page_of(client, "two-factor/temporary-code/"), values)

    def test_it_is_shown_once_and_kept_nowhere(self, client: Browser, ann: Client) -> None:
        user = desk(client, DESK)
        answer = self.issue(client, ann, code=own_code(user))
        page = answer.content.decode()
        found = re.search(r'data-test="temporary-code">([A-Z2-9]{4}-[A-Z2-9]{4})<', page)
        assert found
        assert "no-store" in answer["Cache-Control"]
        row = TemporaryCode.objects.get()
        assert temporary_codes.is_code_of(row, found[1].replace("-", ""))
        later = shown(client, ann)
        assert "A code from support is given out" in later
        assert found[1] not in later
        again = self.issue(client, ann, code=own_code(user))
        assert "used already" in again.content.decode()
        assert TemporaryCode.objects.count() == 1

    @pytest.mark.parametrize(
        "given", [{"reason": ""}, {"identified": ""}, {"code": "000000"}, {"code": ""}]
    )
    def test_without_one_of_them_there_is_none(
        self, client: Browser, ann: Client, given: dict[str, str]
    ) -> None:
        user = desk(client, DESK)
        self.issue(client, ann, **{"code": own_code(user), **given})
        assert not TemporaryCode.objects.exists()

    def test_a_client_without_a_factor_needs_none(self, client: Browser) -> None:
        bare = books.client("bare@example.com")
        desk(client, DESK)
        answer = client.get(page_of(bare, "two-factor/temporary-code/"), follow=True)
        assert "signs in by password alone" in answer.content.decode()


class TestWhereACheckIsRequired:
    def test_pages_lead_to_identifying_first(
        self, client: Browser, ann: Client, set_policy: Callable[..., None]
    ) -> None:
        set_policy(require_caller_check="on")
        locked(ann)
        user = desk(client, DESK)
        pages = ("two-factor/sms/disable/", "two-factor/unlock/", "two-factor/temporary-code/")
        for address in pages:
            page = client.get(page_of(ann, address)).content.decode()
            assert 'data-test="identify-first"' in page, address
            assert 'data-test="act-form"' not in page, address
        callers.identified(ann.user, user)
        for address in pages:
            page = client.get(page_of(ann, address)).content.decode()
            assert 'data-test="caller-known"' in page, address
            assert 'data-test="act-form"' in page, address

    def test_a_form_sent_all_the_same_changes_nothing_and_says_why(
        self, client: Browser, ann: Client, set_policy: Callable[..., None]
    ) -> None:
        set_policy(require_caller_check="on")
        user = desk(client, DESK)
        values = {"reason": "x", "identified": "on", "code": own_code(user)}
        client.post(page_of(ann, "two-factor/sms/disable/"), values)
        assert "First make sure who calls" in shown(client, ann)
        assert not Reset.objects.exists()


class TestTheFirstLine:
    def test_it_unlocks_a_timed_lock_of_an_identified_caller(
        self, client: Browser, ann: Client
    ) -> None:
        locked(ann)
        user = desk(client, SUPPORT)
        address = page_of(ann, "two-factor/unlock/")
        assert 'data-test="identify-first"' in client.get(address).content.decode()
        callers.identified(ann.user, user)
        assert "The count of wrong codes goes on" in client.get(address).content.decode()
        client.post(address, {"reason": "Called", "code": own_code(user)})
        state = VerificationState.objects.get(user=ann.user)
        assert (state.locked_until, state.failures) == (None, 5)

    def test_a_hard_lock_is_asked_for(self, client: Browser, ann: Client) -> None:
        locked(ann)
        VerificationState.objects.filter(user=ann.user).update(
            failures=10, hard_locked_at=timezone.now()
        )
        user = desk(client, SUPPORT)
        callers.identified(ann.user, user)
        page = shown(client, ann)
        assert 'data-test="unlock"' not in page
        assert 'data-test="ask-unlock"' in page
        answer = client.get(page_of(ann, "two-factor/unlock/"), follow=True)
        assert "ask the Security desk" in answer.content.decode()

    def test_one_press_asks_the_desk_with_everything_filled_in(
        self, client: Browser, ann: Client
    ) -> None:
        desk_operator = operator("d@example.com", groups=[DESK])
        user = desk(client, SUPPORT, email="s@example.com")
        callers.identified(ann.user, user)
        assert 'data-test="ask-disable_sms"' in shown(client, ann)
        client.post(page_of(ann, "caller/desk/"), {"act": "disable_sms"})
        made = DeskRequest.objects.get()
        assert (made.user, made.asked_by, made.proof) == (ann.user, user, "pin")
        assert made.verdict == "sms.no_provider"
        assert "provider" in made.reason
        told = Notice.objects.get(kind="operator_alert")
        assert told.user == desk_operator
        assert ann.user.email not in told.context
        assert "Open" in shown(client, ann)

    def test_the_desk_has_no_one_to_ask(self, client: Browser, ann: Client) -> None:
        desk(client, DESK)
        assert 'data-test="ask-desk-form"' not in shown(client, ann)

    @pytest.mark.parametrize("act", ["", "everything", "resynchronise"])
    def test_nothing_else_can_be_asked_for(self, client: Browser, ann: Client, act: str) -> None:
        desk(client, SUPPORT)
        assert client.post(page_of(ann, "caller/desk/"), {"act": act}).status_code == 403
        assert not DeskRequest.objects.exists()


class TestRequests:
    LIST = "/admin/clients/client/requests/"

    @pytest.fixture
    def made(self, ann: Client) -> DeskRequest:
        support = operator("s@example.com", groups=[SUPPORT])
        callers.identified(ann.user, support)
        made = desk_requests.ask(
            ann.user,
            OperatorAct.DISABLE_SMS,
            operator=support,
            reason="The number is another's",
            verdict="sms.number_unknown",
            ticket="T-5",
        )
        assert isinstance(made, DeskRequest)
        return made

    def test_the_desk_does_it_on_a_page_that_is_filled_in(
        self, client: Browser, ann: Client, made: DeskRequest
    ) -> None:
        user = desk(client, DESK)
        page = client.get(self.LIST).content.decode()
        address = page_of(ann, "two-factor/sms/disable/")
        assert f'href="{address}"' in page
        assert "The number is another" in page
        assert "support PIN from a signed-in session" in page
        form = client.get(address).content.decode()
        assert "The number is another&#x27;s</textarea>" in form
        assert 'value="T-5"' in form
        values = {"reason": "Done", "identified": "on", "code": own_code(user)}
        client.post(address, values)
        assert not SmsConfirmation.objects.filter(user=ann.user).exists()
        made.refresh_from_db()
        assert (made.state, made.answered_by) == ("done", user)

    def test_it_declines_with_a_reason_that_the_asker_reads(
        self, client: Browser, ann: Client, made: DeskRequest
    ) -> None:
        desk(client, DESK)
        address = f"{self.LIST}{made.pk}/decline/"
        assert client.get(address).status_code == 200
        assert client.post(address, {"reason": ""}).status_code == 200
        client.post(address, {"reason": "Ask for a document first"})
        made.refresh_from_db()
        assert made.state == "declined"
        theirs = sign_in(Browser(), User.objects.get(email="s@example.com"))
        assert "Ask for a document first" in theirs.get(self.LIST).content.decode()
        assert "Declined" in shown(theirs, ann)
        again = client.post(address, {"reason": "Again"}, follow=True)
        assert "answered this request before" in again.content.decode()

    def test_the_first_line_sees_its_own_and_answers_none(
        self, client: Browser, ann: Client, made: DeskRequest
    ) -> None:
        desk(client, SUPPORT, email="another@example.com")
        assert "Nothing waits" in client.get(self.LIST).content.decode()
        theirs = sign_in(Browser(), User.objects.get(email="s@example.com"))
        page = theirs.get(self.LIST).content.decode()
        assert "Ann Lee" in page
        assert 'data-test="do-it"' not in page

    def test_its_queries_do_not_grow(self, client: Browser, made: DeskRequest) -> None:
        desk(client, DESK)

        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                client.get(self.LIST)
            return len(found)

        one = queries()
        support = operator("more@example.com", groups=[SUPPORT])
        for number in range(4):
            more = with_both_factors(books.client(f"c{number}@example.com"))
            desk_requests.ask(more.user, OperatorAct.DISABLE_SMS, operator=support)
        assert queries() == one


@dataclass(frozen=True)
class Act:
    path: str
    may_get: frozenset[str]
    may_post: frozenset[str]
    values: dict[str, str]


ACTS_OF_ROLES = (
    Act("caller/pin/", frozenset(), PEOPLE, {"pin": "123456"}),
    Act("caller/approval/", PEOPLE, PEOPLE, {"act": "unlock"}),
    Act("caller/desk/", frozenset(), frozenset({SUPPORT, ADMIN}), {"act": "disable_sms"}),
    Act("two-factor/resynchronise/", PEOPLE, PEOPLE, {"reason": "x"}),
    Act("two-factor/temporary-code/", ACTS, ACTS, {"reason": "x", "identified": "on"}),
    Act("two-factor/unlock/", PEOPLE, PEOPLE, {"reason": "x"}),
    Act("two-factor/sms/disable/", ACTS, ACTS, {"reason": "x", "identified": "on"}),
)


@pytest.mark.parametrize("role", ROLES)
def test_s47_each_role_does_its_own_acts_and_no_other(
    client: Browser, ann: Client, role: str
) -> None:
    locked(ann)
    desk(client, role)
    for act in ACTS_OF_ROLES:
        path = page_of(ann, act.path)
        may_get = client.get(path).status_code not in {403, 405}
        assert may_get == (role in act.may_get), f"{role} GET {path}"
        may_post = client.post(path, act.values).status_code != 403
        assert may_post == (role in act.may_post), f"{role} POST {path}"
    seen = client.get(TestRequests.LIST).status_code
    assert (seen == 200) == (role in PEOPLE)


@pytest.mark.parametrize("role", [SUPPORT, DESK])
def test_s47_nothing_is_done_to_an_operator_by_who_serves_clients(
    client: Browser, role: str
) -> None:
    staff = operator("staff@example.com", groups=[INTEGRATOR])
    own = with_both_factors(Client.objects.create(user=staff, name="Staff"))
    desk(client, role)
    for act in ACTS_OF_ROLES:
        answer = client.post(page_of(own, act.path), act.values)
        assert answer.status_code == 403, act.path
    assert not AuditEvent.objects.filter(outcome="done", subject=f"user:{staff.pk}").exists()
