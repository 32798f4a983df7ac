"""Clients > Messages: found by any filter, told in words, and sent again while the code lives."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin import messages_search, messages_walks
from backoffice.audit import log
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.policy import changes
from clients.models import Client
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress
from tests.backoffice import books, message_books
from tests.backoffice.books import desk
from tests.backoffice.message_books import LIST, call, failed, message, message_to, provider
from tests.services.threads import run_together
from tests.smsproviders import old_rows
from tests.twofa import people
from twofa import resending
from twofa.models import Challenge, SendRequest, SmsConfirmation, VerificationState
from twofa.vocabulary import SendOutcome

pytestmark = pytest.mark.django_db
NUMBER = people.NUMBER  # +33612345678


@pytest.fixture
def support(client: Browser) -> Browser:
    desk(client, "Support")
    return client


@pytest.fixture
def ann() -> Client:
    ann = books.client(phone=NUMBER, country="FR")
    people.sms(ann.user)
    return ann


@pytest.fixture
def twilio_row() -> SmsProvider:
    return provider("twilio")


def found(browser: Browser, **query: Any) -> list[SmsMessage]:
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return [row.message for row in answer.context["rows"]]


def text(browser: Browser, address: str = LIST, **query: Any) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(message: SmsMessage) -> str:
    return f"{LIST}{message.pk}/change/"


class TestList:
    def test_it_tells_what_became_of_each(
        self, support: Browser, ann: Client, twilio_row: SmsProvider
    ) -> None:
        lost = message_to(ann, state=MessageState.UNDELIVERED, cause=Cause.HANDSET_UNREACHABLE)
        call(
            lost,
            twilio_row,
            decision=Decision.NEXT_ONCE,
            cause=lost.cause,
            error_code="30003",
            segments=1,
            price="0.075",
            currency="USD",
        )
        page = text(support)
        for words in ("+33••78", "Not delivered", "Phone not reached", "Twilio 30003", "Sign-in"):
            assert words in page
        for words in ("1 segment", "0.075 USD", "Ann Lee", "Twilio"):
            assert words in page
        assert NUMBER not in page

    def test_a_test_is_marked_and_belongs_to_nobody(
        self, support: Browser, twilio_row: SmsProvider
    ) -> None:
        message(purpose="test", only_provider=twilio_row)
        (row,) = support.get(LIST).context["rows"]
        assert row.is_test
        assert row.owner is None

    def test_what_was_withdrawn_is_no_failure(self, support: Browser) -> None:
        message(state=MessageState.EXPIRED)
        assert "Not needed any more" in text(support)

    def test_what_was_taken_and_never_reported_says_so(self, support: Browser) -> None:
        message(state=MessageState.ACCEPTED)
        assert "no receipt" in text(support)

    def test_an_empty_list_and_an_empty_search_say_which_it_is(self, support: Browser) -> None:
        assert "No message yet" in text(support)
        assert "No message matches" in text(support, state="failed")

    def test_clients_are_named_only_for_who_may_see_them(
        self, client: Browser, ann: Client
    ) -> None:
        message_to(ann)
        desk(client, "Integrator")
        page = text(client)
        assert "Ann Lee" not in page
        assert f"Client #{ann.pk}" in page

    def test_a_code_of_an_operator_is_not_called_a_client_s(self, support: Browser) -> None:
        boss = people.operator("boss@example.com")
        people.sms(boss)
        asked = message_books.challenge(Client(user=boss))
        message(reference=str(asked.pk))
        page = text(support)
        assert "An operator" in page
        assert "boss@example.com" not in page

    def test_s47_who_may_not_see_messages_does_not(self, client: Browser) -> None:
        sent = message()
        desk(client, "Auditor")
        for address in (LIST, page_of(sent)):
            assert client.get(address).status_code == 403
        assert client.post(f"{LIST}{sent.pk}/send-again/").status_code == 403

    def test_s50_nothing_can_be_added_changed_or_deleted(self, support: Browser) -> None:
        sent = message()
        for act in ("add/", f"{sent.pk}/change/", f"{sent.pk}/delete/"):
            assert support.post(f"{LIST}{act}", {"post": "yes"}).status_code in {403, 405}, act
        sent.refresh_from_db()


class TestFilters:
    def test_by_state(self, support: Browser, twilio_row: SmsProvider) -> None:
        fine = message()
        typed = message(converted_at=timezone.now())
        lost = failed(twilio_row)
        withdrawn = message(state=MessageState.EXPIRED)
        late = message(state=MessageState.EXPIRED, cause=Cause.EXPIRED_BEFORE_SENDING)
        waiting = message(finished=False, state=MessageState.QUEUED)
        assert found(support, state="delivered") == [typed, fine]
        assert found(support, state="undelivered") == [lost]
        assert found(support, state="trouble") == [late, lost]
        assert found(support, state="expired") == [late]
        assert found(support, state="withdrawn") == [withdrawn]
        assert found(support, state="queued") == [waiting]
        assert found(support, state="typed") == [typed]
        assert found(support, state="failed") == []

    def test_by_cause_country_and_purpose(self, support: Browser, twilio_row: SmsProvider) -> None:
        lost = failed(twilio_row, country="FR", purpose="enrol")
        other = failed(twilio_row, cause=Cause.LANDLINE)
        assert found(support, cause="sms.landline") == [other]
        assert found(support, country="fr") == [lost]
        assert found(support, purpose="enrol") == [lost]
        assert found(support, cause="sms.landline", country="FR") == []

    def test_by_any_provider_that_was_called(self, support: Browser) -> None:
        first, second = provider("first"), provider("second")
        plain = message(by=first)
        rescued = message(by=first)
        call(rescued, second)
        message()
        assert found(support, provider=str(first.pk)) == [rescued, plain]
        assert found(support, provider=str(second.pk)) == [rescued]
        assert found(support, provider=str(second.pk), state="failed") == []

    @pytest.mark.parametrize("typed", ["+33 6 12 34 56 78", "0033612345678", "06 12 34 56 78"])
    def test_by_number_in_any_format(self, support: Browser, ann: Client, typed: str) -> None:
        hers = message(number=NUMBER)
        message()
        assert found(support, number=typed) == [hers]

    def test_by_what_the_client_reads_out(self, support: Browser, ann: Client) -> None:
        hers = message_to(ann, challenge={"public_reference": "K7Q2-M9XP"})
        message()
        assert found(support, reference="K7Q2-M9XP") == [hers]
        assert found(support, reference=" k7q2m9xp ") == [hers]
        assert found(support, reference="K7Q2-M9XX") == []

    def test_by_the_provider_s_id_and_by_our_own(
        self, support: Browser, twilio_row: SmsProvider
    ) -> None:
        one, _other = message(by=twilio_row), message(by=twilio_row)
        assert found(support, reference=f"SM{one.pk.hex}") == [one]
        assert found(support, reference=str(one.pk)) == [one]
        assert found(support, reference="\x00") == []

    def test_by_time(self, support: Browser) -> None:
        new, old = message(), message(days=3)
        today = timezone.now().date()
        assert found(support, within="day") == [new]
        assert found(support, within="week") == [new, old]
        assert found(support, until=today - timedelta(days=1)) == [old]
        assert found(support, since=today - timedelta(days=30)) == [new, old]
        assert found(support, since=today - timedelta(days=2), within="week") == [new]

    def test_tests_alone(self, support: Browser, twilio_row: SmsProvider) -> None:
        trial = message(purpose="test", only_provider=twilio_row)
        message()
        assert found(support, purpose="test") == [trial]

    @pytest.mark.parametrize(
        "query",
        [
            {"number": "12"},
            {"number": "abc"},
            {"country": "F1"},
            {"state": "no"},
            {"cause": "no"},
            {"provider": "no"},
            {"since": "0001-01-01"},
            {"until": "9999-12-31"},
        ],
    )
    def test_a_wrong_filter_is_said_and_finds_nothing(
        self, support: Browser, query: dict[str, str]
    ) -> None:
        message()
        answer = support.get(LIST, query)
        assert answer.context["form"].errors
        assert answer.context["rows"] == []
        assert "Nothing was searched" in answer.content.decode()

    def test_folded_filters_unfold_when_they_say_something(self, support: Browser) -> None:
        assert not support.get(LIST).context["form"].is_unfolded
        assert support.get(LIST, {"country": "GB"}).context["form"].is_unfolded


class TestPages:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        search = messages_search.Search
        page = search.page
        monkeypatch.setattr(search, "page", lambda found, place: page(found, place, size=3))

    def walk(self, browser: Browser, address: str) -> list[list[SmsMessage]]:
        pages = []
        while address:
            context = browser.get(address).context
            pages.append([row.message for row in context["rows"]])
            address = context["older"]
        return pages

    def test_they_go_to_the_end_and_back(self, support: Browser) -> None:
        sent = [message() for _ in range(7)][::-1]
        assert self.walk(support, LIST) == [sent[:3], sent[3:6], sent[6:]]
        second = support.get(support.get(LIST).context["older"]).context
        last = support.get(second["older"]).context
        assert last["older"] is None
        assert [row.message for row in support.get(last["newer"]).context["rows"]] == sent[3:6]
        first = support.get(second["newer"]).context
        assert [row.message for row in first["rows"]] == sent[:3]
        assert first["newer"] is None

    def test_the_filters_stay(self, support: Browser, twilio_row: SmsProvider) -> None:
        for _ in range(4):
            failed(twilio_row)
        assert (
            "cause=sms.handset_unreachable"
            in support.get(LIST, {"cause": "sms.handset_unreachable", "number": ""}).context[
                "older"
            ]
        )

    @pytest.mark.parametrize("before", ["x", "\x00", "0" * 32])
    def test_odd_places_are_no_error(self, support: Browser, before: str) -> None:
        message()
        assert support.get(LIST, {"before": before, "after": "y"}).status_code == 200

    def test_above_the_newest_is_the_newest_page(self, support: Browser) -> None:
        sent = message()
        assert found(support, after=str(sent.pk)) == [sent]

    def test_it_says_how_many_there_are_without_counting_all(
        self, support: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert support.get(LIST).context["count"] == "0 messages"
        for _ in range(5):
            message()
        assert support.get(LIST).context["count"] == "3 of 5 messages"
        monkeypatch.setattr(messages_search, "COUNTED", 4)
        assert support.get(LIST).context["count"] == "3 of more than 4 messages"


class TestRareMatches:
    """What no index finds alone is looked for among so many rows a page, and further from there."""

    @pytest.fixture(autouse=True)
    def _near(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, number in {"SIDE_BY_SIDE": 5, "APART": 5, "FOR_A_PAGE": 5, "MARGIN": 2}.items():
            monkeypatch.setattr(messages_walks, name, number)

    def walk(self, browser: Browser, **query: Any) -> tuple[int, list[SmsMessage]]:
        """How many pages there are, and what they show."""
        pages, shown = 0, []
        address: str | None = f"{LIST}?{urlencode(query)}"
        while address:
            context = browser.get(address).context
            shown += [row.message for row in context["rows"]]
            address = context["older"]
            pages += 1
        return pages, shown

    def test_it_says_how_far_back_it_looked_and_goes_on(self, support: Browser) -> None:
        rare = message(days=3, country="FR")
        for hours in range(1, 13):
            message(days=hours / 24)
        first = support.get(LIST, {"country": "FR"})
        assert first.context["rows"] == []
        assert "No match so far" in first.content.decode()
        assert "Look further back" in first.content.decode()
        assert self.walk(support, country="FR") == (3, [rare])
        assert self.walk(support, country="FR", within="day") == (3, [])

    def test_it_does_so_among_the_messages_of_a_cause(
        self, support: Browser, twilio_row: SmsProvider
    ) -> None:
        rare = failed(twilio_row, days=3, country="FR")
        for hours in range(1, 13):
            failed(twilio_row, days=hours / 24)
            message(days=hours / 24)
        query = {"cause": "sms.handset_unreachable", "country": "FR"}
        assert self.walk(support, **query) == (3, [rare])

    def test_a_provider_of_few_messages_is_found_at_once(self, support: Browser) -> None:
        busy, rare = provider("busy"), provider("rare")
        old = message(days=5, by=rare)
        for hours in range(1, 9):
            message(days=hours / 24, by=busy)
        assert found(support, provider=str(rare.pk)) == [old]
        assert found(support, provider=str(rare.pk), within="day") == []

    @pytest.mark.parametrize("query", [{}, {"country": "GB"}])
    def test_no_message_is_lost_between_two_pages_of_a_provider(
        self, support: Browser, query: dict[str, str]
    ) -> None:
        """Calls may come in another order than their messages."""
        busy, sent = provider("busy"), []
        for number in range(14):
            one = message(days=0.5 - number * 1e-4)
            # Every second one waits for its call for a while.
            at = one.created_at + timedelta(seconds=25 * (number % 2))
            call(one, busy, id=old_rows.id_of(at), started_at=at)
            sent.append(one)
        pages, shown = self.walk(support, provider=busy.pk, **query)
        assert shown == sent[::-1]
        assert pages > 2


class TestQueries:
    def count(self, browser: Browser, address: str = LIST, **query: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address, query).status_code == 200
        on_messages = [
            one["sql"] for one in captured if 'FROM "smsproviders_smsmessage"' in one["sql"]
        ]
        assert not any("OFFSET" in sql and "LIMIT 1 " not in sql + " " for sql in on_messages)
        return len(captured)

    def test_a_page_costs_the_same_for_many_messages_as_for_one(
        self, support: Browser, ann: Client, twilio_row: SmsProvider
    ) -> None:
        call(message_to(ann), twilio_row)
        self.count(support)  # what is cached is cached
        few = self.count(support)
        for number in range(60):
            one = books.client(f"c{number}@example.com", name=f"C {number}")
            people.sms(one.user, f"+336123400{number:02d}")
            sent = message_to(one)
            old_rows.report(call(sent, twilio_row))
        assert self.count(support) <= few + 1  # how many there are is counted up to a bound
        assert few <= 12

    @pytest.mark.parametrize(
        "query",
        [
            {"state": "delivered", "country": "GB", "within": "week"},
            {"cause": "sms.landline", "purpose": "sign_in"},
            {"number": "+447700900123"},
        ],
    )
    def test_no_filter_costs_more_than_fifteen(
        self, support: Browser, query: dict[str, str], twilio_row: SmsProvider
    ) -> None:
        for _ in range(3):
            message(by=twilio_row)
        assert self.count(support, **query) <= 15

    def test_the_page_of_a_message_costs_the_same_for_many_calls(
        self, support: Browser, ann: Client, twilio_row: SmsProvider
    ) -> None:
        sent = message_to(ann)
        old_rows.report(call(sent, twilio_row))
        self.count(support, page_of(sent))  # what is cached is cached
        few = self.count(support, page_of(sent))
        for _ in range(4):
            old_rows.report(call(sent, twilio_row))
        assert self.count(support, page_of(sent)) == few
        assert few <= 16


class TestPage:
    def test_it_tells_every_call_and_report(
        self, support: Browser, ann: Client, twilio_row: SmsProvider
    ) -> None:
        second = provider("vonage", caption="Vonage", backend="vonage")
        sent = message_to(ann, converted_at=timezone.now(), accepted_at=timezone.now())
        call(
            sent,
            twilio_row,
            answer={"status": "failed", "more": "redacted"},
            decision=Decision.NEXT,
            cause=Cause.CREDENTIALS_REJECTED,
            error_code="20003",
            progress="",
            duration_ms=412,
            provider_message_id="",
        )
        by_vonage = call(sent, second, sender="ACME", segments=2, price="0.08", currency="EUR")
        old_rows.report(by_vonage, "delivered")
        page = text(support, page_of(sent))
        for words in (
            "Credentials rejected",
            "Error 20003.",
            "https://www.twilio.com/docs/errors/20003",
            "412 ms",
            "Try the next provider",
            "ACME",
            "2 segments",
            "0.08 EUR",
            f"SM{sent.pk.hex}",
            "Typed by the client",
            "&quot;more&quot;: &quot;redacted&quot;",
            "&quot;MessageStatus&quot;: &quot;delivered&quot;",
        ):
            assert words in page, words
        assert NUMBER not in page
        assert f"/admin/clients/client/{ann.pk}/change/" in page
        assert f"/admin/clients/client/{ann.pk}/settings/#why-no-codes" in page

    def test_a_report_that_we_asked_for_says_so(
        self, support: Browser, twilio_row: SmsProvider
    ) -> None:
        told = old_rows.report(call(message(), twilio_row))
        type(told).objects.update(asked_for=True, error_code="30006", progress="undelivered")
        page = text(support, page_of(told.attempt.message))
        assert "asked for by us" in page
        assert "error 30006" in page
        assert "landline" in page.lower()

    def test_neither_code_nor_text_nor_number_is_on_it(self, support: Browser, ann: Client) -> None:
        code = people.sent_code(ann.user)
        sent = SmsMessage.objects.get()
        page = text(support, page_of(sent))
        assert code not in page
        assert NUMBER not in page
        assert "Back Office:" not in page.split("<main")[1]
        assert Challenge.objects.get().public_reference in page

    def test_it_tells_what_comes_next(self, support: Browser) -> None:
        waiting = message(finished=False, state=MessageState.QUEUED)
        now = timezone.now()
        SmsMessage.objects.update(next_attempt_at=now - timedelta(seconds=5))
        assert "It waits for a worker" in text(support, page_of(waiting))
        SmsMessage.objects.update(next_attempt_at=now + timedelta(seconds=30))
        assert "The next call is planned" in text(support, page_of(waiting))
        SmsMessage.objects.update(lease=waiting.pk)
        page = text(support, page_of(waiting))
        assert "A worker has it in hand" in page
        assert 'http-equiv="refresh"' in page
        SmsMessage.objects.update(finished_at=now, state=MessageState.FAILED)
        page = text(support, page_of(waiting))
        assert "refresh" not in page
        assert 'data-test="next-call"' not in page

    def test_providers_are_linked_for_who_may_see_them(
        self, client: Browser, twilio_row: SmsProvider
    ) -> None:
        sent = message(by=twilio_row)
        address = f"/admin/smsproviders/smsprovider/{twilio_row.pk}/change/"
        desk(client, "Support")
        assert address not in text(client, page_of(sent))
        desk(client, "Integrator", email="i@example.com")
        assert address in text(client, page_of(sent))

    def test_an_answer_that_is_not_kept_any_more_says_so(
        self, support: Browser, twilio_row: SmsProvider
    ) -> None:
        sent = message()
        call(sent, twilio_row, answer={})
        assert "more than 30 days ago" in text(support, page_of(sent))

    @pytest.mark.parametrize("key", ["x", "019ac000-0000-7000-8000-000000000000"])
    def test_one_that_is_not_there_is_404(self, support: Browser, key: str) -> None:
        assert support.get(f"{LIST}{key}/change/").status_code == 404

    def test_calls_of_a_provider_that_is_gone_are_told(self, support: Browser) -> None:
        sent = message()
        old_rows.attempt(sent, cause=Cause.UNEXPLAINED, error_code="E1", decision=Decision.STOP)
        assert "Failed without a reason" in text(support, page_of(sent))


@pytest.fixture
def sent(ann: Client, twilio_row: SmsProvider) -> Iterator[SmsMessage]:
    """A minute ago: the code lives, and the client may ask again."""
    now = timezone.now()
    with time_machine.travel(now - timedelta(seconds=60), tick=False):
        people.sent_code(ann.user)
    with time_machine.travel(now, tick=False):
        yield SmsMessage.objects.get()


def send_again(browser: Browser, message: SmsMessage, **given: str) -> Any:
    return browser.post(f"{LIST}{message.pk}/send-again/", given, follow=True)


class TestSendAgain:
    def test_it_makes_a_linked_message_with_the_same_code(
        self, support: Browser, sent: SmsMessage
    ) -> None:
        body, challenge = sent.body, Challenge.objects.get()
        page = send_again(support, sent).content.decode()
        new = SmsMessage.objects.get(resent_from=sent)
        assert new.body == body
        assert challenge.code in new.body
        assert (new.number, new.reference) == (sent.number, sent.reference)
        assert new.expires_at == challenge.expires_at
        assert new.only_provider is None
        assert "being sent again" in page
        assert page_of(sent) in page
        assert page_of(new) in text(support, page_of(sent))
        challenge.refresh_from_db()
        assert challenge.sends == 2

    def test_what_was_not_sent_yet_is_sent_no_more(
        self, support: Browser, sent: SmsMessage
    ) -> None:
        send_again(support, sent)
        sent.refresh_from_db()
        assert sent.finished_at is not None
        assert sent.body == ""

    def test_it_stands_in_the_ledger_and_in_the_log(
        self, support: Browser, ann: Client, sent: SmsMessage
    ) -> None:
        send_again(support, sent)
        row = SendRequest.objects.filter(user=ann.user).first()
        assert row is not None
        assert (row.outcome, row.address) == (SendOutcome.QUEUED, None)
        event = AuditEvent.objects.get(action="twofa.code_sent_again")
        assert event.subject == f"user:{ann.user_id}"
        assert event.facts["message"] == str(sent.pk)
        assert Challenge.objects.get().code not in json.dumps(event.facts)

    def test_by_one_provider_alone(
        self, support: Browser, sent: SmsMessage, twilio_row: SmsProvider
    ) -> None:
        other = provider("other", priority=20)
        failed_call = {"cause": Cause.CARRIER_BLOCKED, "decision": Decision.NEXT_ONCE}
        call(sent, twilio_row, error_code="30007", progress=Progress.UNDELIVERED, **failed_call)
        SmsMessage.objects.update(cause=Cause.CARRIER_BLOCKED, state=MessageState.UNDELIVERED)
        offer = support.get(page_of(sent)).context["offer"]
        assert [one.pk for one in offer.providers] == [twilio_row.pk, other.pk]
        assert offer.preferred == other.pk
        send_again(support, sent, by=str(other.pk))
        assert SmsMessage.objects.get(resent_from=sent).only_provider == other

    @pytest.mark.parametrize("by", ["x", "019ac000-0000-7000-8000-000000000000"])
    def test_a_provider_that_is_not_offered_is_refused(
        self, support: Browser, sent: SmsMessage, by: str
    ) -> None:
        provider("off", enabled=False)
        assert "does not send to this country" in send_again(support, sent, by=by).content.decode()
        assert SmsMessage.objects.count() == 1

    def test_the_client_s_own_wait_holds(self, support: Browser, sent: SmsMessage) -> None:
        send_again(support, sent)
        page = send_again(support, SmsMessage.objects.get(resent_from=sent)).content.decode()
        assert "asked again too soon" in page
        assert "UTC on" in page
        assert SmsMessage.objects.count() == 2
        refused = AuditEvent.objects.filter(outcome=Outcome.REFUSED).get()
        assert refused.facts["refused"] == "cooldown"

    def test_the_client_s_caps_hold(self, support: Browser, sent: SmsMessage, ann: Client) -> None:
        changes.change({"cap_number_hour": "1"}, actor=log.SYSTEM)
        assert "too many to this number" in send_again(support, sent).content.decode()
        assert SmsMessage.objects.count() == 1
        # What an operator was refused is not the client's trouble.
        assert not SendRequest.objects.exclude(outcome=SendOutcome.QUEUED).exists()

    def test_a_locked_client_is_sent_nothing(
        self, support: Browser, sent: SmsMessage, ann: Client
    ) -> None:
        VerificationState.objects.update(hard_locked_at=timezone.now())
        assert "locked after wrong codes" in send_again(support, sent).content.decode()
        assert SmsMessage.objects.count() == 1

    def test_an_operator_sends_so_many_an_hour(self, support: Browser, sent: SmsMessage) -> None:
        changes.change({"resends_hour": "1", "resend_delays": "1"}, actor=log.SYSTEM)
        send_again(support, sent)
        new = SmsMessage.objects.get(resent_from=sent)
        with time_machine.travel(timezone.now() + timedelta(seconds=5)):
            assert "as many codes again" in send_again(support, new).content.decode()
        assert SmsMessage.objects.count() == 2

    def test_after_its_life_the_page_says_to_press_resend(
        self, support: Browser, sent: SmsMessage
    ) -> None:
        with time_machine.travel(timezone.now() + timedelta(seconds=235)):
            page = text(support, page_of(sent))
            assert "Let the client press Resend" in page
            assert 'data-test="send-again"' not in page
            assert "Let the client press Resend" in send_again(support, sent).content.decode()
        assert SmsMessage.objects.count() == 1

    def test_a_typed_or_replaced_code_is_not_sent_again(
        self, support: Browser, sent: SmsMessage
    ) -> None:
        now = timezone.now()
        Challenge.objects.update(superseded_at=now)
        assert "a newer one was asked for" in text(support, page_of(sent))
        Challenge.objects.update(consumed_at=now)
        assert "Its code was typed" in text(support, page_of(sent))
        send_again(support, sent)
        assert SmsMessage.objects.count() == 1

    def test_a_code_of_a_factor_that_is_gone_is_not_sent_again(
        self, support: Browser, sent: SmsMessage
    ) -> None:
        SmsConfirmation.objects.all().delete()
        assert "the factor was changed" in send_again(support, sent).content.decode()
        assert SmsMessage.objects.count() == 1

    def test_a_test_or_a_notice_has_no_code(
        self, support: Browser, twilio_row: SmsProvider
    ) -> None:
        trial = message(purpose="test", only_provider=twilio_row)
        assert support.get(page_of(trial)).context["offer"] is None
        assert "no code in this message" in send_again(support, trial).content.decode()
        other = message(reference="not-ours")
        assert "no code in this message" in send_again(support, other).content.decode()

    def test_s47_without_the_permission_it_is_refused_and_logged(
        self, client: Browser, sent: SmsMessage
    ) -> None:
        desk(client, "Integrator")
        assert 'data-test="send-again"' not in text(client, page_of(sent))
        assert client.post(f"{LIST}{sent.pk}/send-again/").status_code == 403
        event = AuditEvent.objects.get(action="twofa.code_sent_again")
        assert event.facts["refused"] == "not_allowed"
        assert SmsMessage.objects.count() == 1

    def test_s44_a_link_sends_nothing(self, support: Browser, sent: SmsMessage) -> None:
        assert support.get(f"{LIST}{sent.pk}/send-again/").status_code == 405
        assert SmsMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_send_it_once() -> None:
    ann = books.client(phone=NUMBER, country="FR")
    people.sms(ann.user)
    people.sent_code(ann.user)
    SendRequest.objects.update(at=timezone.now() - timedelta(seconds=60))
    sent = SmsMessage.objects.get()
    desks = [people.operator(f"desk{number}@example.com", group="Support") for number in range(2)]
    results = run_together(2, lambda one: resending.send_again(sent, operator=desks[one]))
    assert sorted(type(one).__name__ for one in results) == ["Kept", "SentAgain"]
    assert SmsMessage.objects.filter(resent_from=sent).count() == 1
