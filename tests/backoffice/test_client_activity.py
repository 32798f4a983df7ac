"""The client's Messages and Activity tabs: what was sent, and all that happened, in words."""

from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin import keyset, messages_search
from backoffice.audit import log, personal
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from backoffice.common.request_context import RequestContext, during
from clients.models import Client
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import Cause, MessageState
from tests.backoffice import books
from tests.backoffice.books import desk, page_of
from tests.backoffice.message_books import failed, message, message_to, provider
from tests.backoffice.operators import operator, sign_in
from tests.smsproviders import old_rows
from tests.twofa import people
from twofa import log_actions, notices, resets
from twofa.models import SmsConfirmation
from twofa.models.reset import ResetScope
from twofa.notices import NoticeKind
from twofa.vocabulary import FactorKind

pytestmark = pytest.mark.django_db
NUMBER = people.NUMBER


@pytest.fixture
def support(client: Browser) -> Browser:
    desk(client, "Support")
    return client


@pytest.fixture
def ann() -> Client:
    ann = books.client(phone=NUMBER, country="FR")
    people.sms(ann.user)
    return ann


def context(browser: Browser, address: str, **query: Any) -> Any:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.context


def text(browser: Browser, address: str, **query: Any) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(browser: Browser, address: str) -> int:
    browser.get(address)  # what is cached is cached
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


class TestMessages:
    def shown(self, browser: Browser, of: Client, **query: Any) -> list[SmsMessage]:
        found = context(browser, page_of(of, "messages/"), **query)
        return [row.message for row in found["rows"]]

    def test_they_are_those_with_the_client_s_codes_and_all_to_the_number(
        self, support: Browser, ann: Client
    ) -> None:
        other = books.client("bob@example.com", name="Bob")
        coded = message_to(ann)
        to_an_old_number = message_to(ann, challenge={"number": "+33611111111"})
        test = message(number=NUMBER, purpose="test")
        same_phone = message_to(other, number=NUMBER)
        message_to(other, number="+447700900123")
        message()
        assert self.shown(support, ann) == [same_phone, test, to_an_old_number, coded]

    def test_another_account_with_the_same_phone_is_named(
        self, support: Browser, ann: Client
    ) -> None:
        message_to(ann)
        assert "for another account" not in text(support, page_of(ann, "messages/"))
        message_to(books.client("bob@example.com", name="Bob"), number=NUMBER)
        page = text(support, page_of(ann, "messages/"))
        assert "for another account" in page
        assert "Bob" in page

    def test_filters_stand_in_the_address(self, support: Browser, ann: Client) -> None:
        twilio = provider("twilio")
        lost = failed(twilio, number=NUMBER)
        fine = message_to(ann)
        old = message_to(ann, days=20, challenge={"id": message(days=20.0001).pk})
        assert self.shown(support, ann, state="trouble") == [lost]
        assert self.shown(support, ann, cause="sms.handset_unreachable") == [lost]
        assert self.shown(support, ann, provider=str(twilio.pk)) == [lost]
        assert self.shown(support, ann, within="week") == [fine, lost]
        assert self.shown(support, ann) == [fine, lost, old]

    def test_pages_go_on_by_key(
        self, support: Browser, ann: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = messages_search.Search.page
        monkeypatch.setattr(
            messages_search.Search, "page", lambda found, place: page(found, place, size=2)
        )
        sent = [message_to(ann) for _ in range(5)][::-1]
        first = context(support, page_of(ann, "messages/"))
        assert first["count"] == "2 of 5 messages"
        second = context(support, first["older"])
        assert [row.message for row in second["rows"]] == sent[2:4]
        assert f"/client/{ann.pk}/messages/" in second["newer"]

    def test_a_client_without_messages_is_told_so(self, support: Browser, ann: Client) -> None:
        assert "No message yet" in text(support, page_of(ann, "messages/"))

    def test_it_costs_the_same_for_many_messages_as_for_one(
        self, support: Browser, ann: Client
    ) -> None:
        message_to(ann, by=provider("twilio"))
        few = queries(support, page_of(ann, "messages/"))
        for _ in range(60):
            message_to(ann)
        assert queries(support, page_of(ann, "messages/")) <= few + 1
        assert few <= 15

    def test_s47_it_is_for_who_may_see_messages(self, client: Browser, ann: Client) -> None:
        mia = operator("mia@example.com", permissions=["clients.view_client"])
        sign_in(client, mia)
        assert client.get(page_of(ann, "messages/")).status_code == 403
        assert "/messages/" not in text(client, page_of(ann))

    def test_neither_code_nor_number_is_on_it(self, support: Browser, ann: Client) -> None:
        code = people.sent_code(ann.user)
        page = text(support, page_of(ann, "messages/"))
        assert code not in page
        assert NUMBER not in page


class TestActivity:
    def words(self, browser: Browser, of: Client, **query: Any) -> list[str]:
        return [row.words for row in context(browser, page_of(of, "activity/"), **query)["rows"]]

    def record(self, of: Client, what: log.Action, **given: Any) -> AuditEvent:
        given = {"actor": log_actions.actor(of.user), **given}
        event = log.record(what, subject=log_actions.subject(of.user), **given)
        sleep(0.001)  # keys of one millisecond are in no order
        return event

    def test_it_tells_what_happened_in_words(self, support: Browser, ann: Client) -> None:
        self.record(ann, log_actions.SIGNED_IN, facts={"factor": "sms"})
        self.record(
            ann,
            log_actions.CODE_REFUSED,
            outcome=Outcome.REFUSED,
            facts={"factor": "sms", "outcome": "expired", "purpose": "sign_in", "failures": 1},
        )
        assert self.words(support, ann) == [
            "Code refused: SMS confirmation, expired, sign in",
            "Signed in: SMS confirmation",
        ]
        page = text(support, page_of(ann, "activity/"))
        assert "failures: 1" in page
        assert "The client" in page

    def test_a_whole_sign_in_leaves_its_trace(self, support: Browser, ann: Client) -> None:
        people.try_code(ann.user, "000000", FactorKind.SMS)
        people.sent_code(ann.user)
        words = " ".join(self.words(support, ann))
        assert "Code asked for by SMS" in words
        assert "Code refused" in words

    def test_a_reference_leads_to_the_messages_of_that_code(
        self, support: Browser, ann: Client
    ) -> None:
        people.sent_code(ann.user)
        (row,) = context(support, page_of(ann, "activity/"))["rows"]
        page = text(support, page_of(ann, "activity/"))
        assert f"/admin/smsproviders/smsmessage/?reference={row.reference}" in page

    def test_what_operators_did_names_them_for_who_may_know_them(
        self, client: Browser, ann: Client
    ) -> None:
        boss = desk(client, "Administrator")
        resets.disable(
            ann.user, ResetScope.SMS, operator=boss, reason="Phone lost", client_request=True
        )
        assert self.words(client, ann, kind="operators") == [
            "Factor disabled by an operator: SMS confirmation"
        ]
        assert boss.email in text(client, page_of(ann, "activity/"))

    def test_notices_are_among_it_and_by_themselves(self, support: Browser, ann: Client) -> None:
        self.record(ann, log_actions.SIGNED_IN)
        notices.tell(ann.user, NoticeKind.FACTOR_ENABLED)
        told = "E-mail to the client: a factor was enabled"
        assert self.words(support, ann) == [told, "Signed in"]
        assert self.words(support, ann, kind="notices") == [told]
        assert self.words(support, ann, kind="sign_ins") == ["Signed in"]
        assert ann.user.email in text(support, page_of(ann, "activity/"))  # in the heading alone

    def test_every_filter_finds_its_own(self, support: Browser, ann: Client) -> None:
        boss = log.Actor(ActorKind.OPERATOR, str(operator("boss@example.com").pk))
        self.record(ann, log_actions.PASSWORD_REFUSED, outcome=Outcome.REFUSED)
        self.record(ann, log_actions.FACTOR_ENABLED)
        self.record(ann, log_actions.UNLOCKED, actor=boss)
        AuditEvent.objects.create(
            id=old_rows.id_of(timezone.now() - timedelta(days=2)),
            action=log_actions.SIGNED_OUT.key,
            outcome=Outcome.DONE,
            actor_kind=ActorKind.CLIENT,
            subject=log_actions.subject(ann.user),
        )
        assert self.words(support, ann, kind="factors") == ["Factor enabled"]
        assert self.words(support, ann, kind="codes") == ["Unlocked by an operator"]
        assert self.words(support, ann, kind="operators") == ["Unlocked by an operator"]
        assert self.words(support, ann, kind="sessions") == ["Signed out"]
        assert self.words(support, ann, kind="account") == []
        assert self.words(support, ann, outcome="refused") == ["Password refused"]
        assert len(self.words(support, ann, within="day")) == 3
        assert len(self.words(support, ann)) == 4

    def test_a_wrong_filter_is_said(self, support: Browser, ann: Client) -> None:
        self.record(ann, log_actions.SIGNED_IN)
        assert "Nothing was searched" in text(support, page_of(ann, "activity/"), kind="x")

    def test_another_s_events_are_not_shown(self, support: Browser, ann: Client) -> None:
        self.record(books.client("bob@example.com"), log_actions.SIGNED_IN)
        assert self.words(support, ann) == []
        assert "Nothing has happened yet" in text(support, page_of(ann, "activity/"))

    def test_pages_go_on_by_key_over_events_and_notices(
        self, support: Browser, ann: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        of_several = keyset.page_of_several
        monkeypatch.setattr(
            keyset, "page_of_several", lambda finds, place: of_several(finds, place, size=3)
        )
        for number in range(4):
            self.record(ann, log_actions.SIGNED_IN, facts={"n": number})
            notices.tell(ann.user, NoticeKind.UNLOCKED)
            sleep(0.001)
        pages, address = [], page_of(ann, "activity/")
        while address:
            found = context(support, address)
            pages.append([row.words for row in found["rows"]])
            back, address = found["newer"], found["older"]
        told, signed = "E-mail to the client: support unlocked codes", "Signed in"
        assert pages == [[told, signed, told], [signed, told, signed], [told, signed]]
        middle = context(support, back)
        assert [row.words for row in middle["rows"]] == pages[1]
        assert [row.words for row in context(support, middle["newer"])["rows"]] == pages[0]


class TestPersonalDetails:
    @pytest.fixture
    def event(self, ann: Client) -> AuditEvent:
        browser = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
        with during(RequestContext("r-1", "203.0.113.7", browser)):
            return log.record(
                log_actions.UNLOCKED,
                actor=log.SYSTEM,
                subject=log_actions.subject(ann.user),
                reason="Called from the branch",
            )

    def test_s47_only_readers_of_logs_see_them(
        self, client: Browser, ann: Client, event: AuditEvent
    ) -> None:
        desk(client, "Support")
        page = text(client, page_of(ann, "activity/"))
        assert "203.0.113.7" not in page
        assert "Called from the branch" not in page
        assert f"/auditevent/{event.pk}/" not in page
        desk(client, "Administrator", email="boss@example.com")
        page = text(client, page_of(ann, "activity/"))
        for words in ("203.0.113.7", "Firefox on Linux", "Called from the branch"):
            assert words in page
        assert f"/auditevent/{event.pk}/" in page

    def test_what_was_erased_says_so(self, client: Browser, ann: Client, event: AuditEvent) -> None:
        desk(client, "Administrator")
        personal.erase(event.subject)
        assert "erased" in text(client, page_of(ann, "activity/"))

    def test_what_cannot_be_decrypted_says_so(
        self, client: Browser, ann: Client, event: AuditEvent
    ) -> None:
        desk(client, "Administrator")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_subjectkey SET key = 'v1.000000000000.AAAA'")
        assert "cannot be decrypted" in text(client, page_of(ann, "activity/"))

    def test_it_costs_the_same_for_many_events_as_for_few(
        self, client: Browser, ann: Client, event: AuditEvent
    ) -> None:
        desk(client, "Administrator")
        few = queries(client, page_of(ann, "activity/"))
        for number in range(60):
            boss = people.operator(f"boss{number}@example.com", group="")
            log.record(
                log_actions.UNLOCKED,
                actor=log_actions.actor(boss),
                subject=event.subject,
                reason="Again",
            )
        assert queries(client, page_of(ann, "activity/")) == few
        assert few <= 16

    def test_s47_the_tab_is_for_who_may_diagnose(self, client: Browser, ann: Client) -> None:
        sign_in(client, operator("mia@example.com", permissions=["clients.view_client"]))
        assert client.get(page_of(ann, "activity/")).status_code == 403


def test_the_tabs_stand_in_their_order(support: Browser, ann: Client) -> None:
    links = context(support, page_of(ann, "messages/"))["tab_links"]
    assert [str(link.words) for link in links] == [
        "General",
        "Settings",
        "Messages",
        "Activity",
        "Sessions",
    ]
    assert [link.is_here for link in links] == [False, False, True, False, False]


def test_a_message_that_expired_before_sending_is_found_without_a_factor(
    support: Browser, ann: Client
) -> None:
    late = message_to(ann, state=MessageState.EXPIRED, cause=Cause.EXPIRED_BEFORE_SENDING)
    SmsConfirmation.objects.all().delete()
    found = context(support, page_of(ann, "messages/"), state="expired")
    assert [row.message for row in found["rows"]] == [late]
