"""*Why no codes?* on a client's page: what it costs, what it shows, and what it leads to."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin.diagnosis_actions import offers
from backoffice.audit import log
from backoffice.audit.models import AuditEvent
from backoffice.policy import stored
from backoffice.policy.changes import change
from clients.models import Client, UserSession
from smsproviders import templating
from smsproviders.models import SmsMessage, SmsProvider
from tests.backoffice import books, histories
from tests.backoffice.books import LIST, desk, page_of, with_both_factors
from tests.backoffice.operators import operator, sign_in
from tests.twofa import people
from twofa import challenges
from twofa.diagnosis.findings import Finding, Subject
from twofa.diagnosis.vocabulary import Action, CauseId, Confidence
from twofa.models import Challenge, SmsConfirmation
from twofa.results import SendRefused
from twofa.views import support_reference
from twofa.vocabulary import FactorKind, Purpose

pytestmark = pytest.mark.django_db
MOST_QUERIES = 25
# Told in words; and acts whose page is made with what they are about.
NOT_HERE = {Action.TELL, Action.OPEN_INCIDENT}


@pytest.fixture
def ann() -> Client:
    return with_both_factors(books.client(phone="+33612345678", country="FR"))


@pytest.fixture
def provider() -> SmsProvider:
    return SmsProvider.objects.create(
        caption="Main", name="main", backend="sandbox", enabled=True, priority=1
    )


def with_history(client: Client, provider: SmsProvider, messages: int) -> Client:
    UserSession.objects.bulk_create(
        UserSession(user=client.user, session_key=f"{client.pk}-{number}")
        for number in range(messages)
    )
    histories.of_messages(client, provider, messages, until=timezone.now())
    return client


def forget_what_is_kept() -> None:
    """As a process does that was just started."""
    stored.forget()
    templating.forget()


def queries_of(browser: Browser, address: str) -> int:
    forget_what_is_kept()
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


class TestQueries:
    def test_a_page_costs_the_same_after_5_and_after_5000_messages(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        bob = with_both_factors(books.client("bob@example.com", phone="+33612345679"))
        few = page_of(with_history(ann, provider, 5), "settings/")
        many = page_of(with_history(bob, provider, 5000), "settings/")
        desk(client, "Administrator")
        for address in (few, many):
            client.get(address)  # the first event about a client makes the key of his log
        assert queries_of(client, few) == queries_of(client, many) <= MOST_QUERIES

    def test_a_moment_that_is_over_costs_no_more(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        with_history(ann, provider, 50)
        desk(client, "Support")
        address = page_of(ann, "settings/")
        client.get(address)
        for reference in (
            Challenge.objects.earliest("id").public_reference,
            refused_at_two_hours_ago(ann),
        ):
            assert queries_of(client, f"{address}?at={reference}") <= MOST_QUERIES

    def test_who_may_not_diagnose_pays_for_the_factors_alone(
        self, client: Browser, ann: Client
    ) -> None:
        sign_in(client, operator(permissions=["clients.view_client"]))
        assert queries_of(client, page_of(ann, "settings/")) <= 10

    def test_the_other_tabs_ask_for_no_diagnosis(self, client: Browser, ann: Client) -> None:
        desk(client, "Administrator")
        assert queries_of(client, page_of(ann)) <= 15
        assert queries_of(client, page_of(ann, "sessions/")) <= 11

    def test_the_command_costs_no_more(self, ann: Client, provider: SmsProvider) -> None:
        with_history(ann, provider, 50)
        diagnosed(ann)
        forget_what_is_kept()
        with CaptureQueriesContext(connection) as queries:
            diagnosed(ann)
        assert len(queries) <= MOST_QUERIES


def diagnosed(client: Client) -> dict[str, object]:
    told = StringIO()
    call_command("diagnose", client.user.email, "--json", stdout=told)
    found: dict[str, object] = json.loads(told.getvalue())
    return found


class TestTheSearch:
    def test_one_client_found_is_diagnosed_at_once(self, client: Browser, ann: Client) -> None:
        desk(client, "Support")
        assert found_by(client, "ann@example.com") == page_of(ann, "settings/")
        assert found_by(client, "06 12 34 56 78") == page_of(ann, "settings/")

    def test_of_several_each_name_leads_there(self, client: Browser, ann: Client) -> None:
        books.client("bob@example.com", name="Bob Lee")
        desk(client, "Support")
        shown = client.get(LIST, {"q": "lee"})
        assert shown.status_code == 200
        words = shown.content.decode()
        assert f'href="{page_of(ann, "settings/")}' in words
        assert f'href="{page_of(ann)}"' in words  # Edit

    def test_who_may_not_diagnose_gets_to_the_profile(self, client: Browser, ann: Client) -> None:
        sign_in(client, operator(permissions=["clients.view_client"]))
        assert found_by(client, "ann@example.com") == page_of(ann)

    @pytest.mark.parametrize("query", ["?q=", "?q=+", "?", "?q=ann&two_factor=both"])
    def test_a_list_that_was_asked_for_stays_a_list(
        self, client: Browser, ann: Client, query: str
    ) -> None:
        desk(client, "Support")
        assert client.get(LIST + query).status_code == 200


class TestAReference:
    def test_it_leads_to_what_was_wrong_then(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        reference = refused_at_two_hours_ago(ann)
        desk(client, "Support")
        address = found_by(client, reference.lower().replace("-", ""))
        assert address == f"{page_of(ann, 'settings/')}?at={reference}"
        shown = client.get(address).content.decode()
        assert f"reference {reference}" in shown
        assert 'data-verdict="sms.country_closed"' in shown
        assert 'data-test="check-queue" data-result="unknown"' in shown
        assert 'data-test="as-of"' not in client.get(page_of(ann, "settings/")).content.decode()
        event = AuditEvent.objects.filter(action="twofa.diagnosed", facts__has_key="as_of").get()
        assert event.facts["verdict"] == "sms.country_closed"

    def test_what_goes_on_is_seen_as_it_is(self, client: Browser, ann: Client) -> None:
        people.sent_code(ann.user)
        desk(client, "Support")
        reference = Challenge.objects.get().public_reference
        assert found_by(client, reference) == page_of(ann, "settings/")

    def test_of_another_client_it_opens_nothing(self, client: Browser, ann: Client) -> None:
        bob = with_both_factors(books.client("bob@example.com"))
        reference = refused_at_two_hours_ago(ann)
        desk(client, "Support")
        shown = client.get(page_of(bob, "settings/"), {"at": reference}).content.decode()
        assert 'data-test="strange-reference"' in shown
        assert "country_closed" not in shown

    @pytest.mark.parametrize("typed", ["AAAA-AAAA", "<b>", "x" * 500, "\0", "0"])
    def test_one_that_nobody_was_given_is_said(
        self, client: Browser, ann: Client, typed: str
    ) -> None:
        desk(client, "Support")
        answer = client.get(page_of(ann, "settings/"), {"at": typed})
        assert answer.status_code == 200
        assert 'data-test="strange-reference"' in answer.content.decode()
        assert b"<b>" not in answer.content

    def test_of_an_unknown_email_it_says_so(self, client: Browser, ann: Client) -> None:
        Browser().post("/sign-in/", {"email": "nobody@example.com", "password": "x"})
        reference = AuditEvent.objects.get(action="twofa.reference_given").facts["reference"]
        desk(client, "Support")
        answer = client.get(LIST, {"q": reference})
        assert "e-mail address that no client has" in answer.content.decode()


def found_by(browser: Browser, text: str) -> str:
    """Where the search leads."""
    answer = browser.get(LIST, {"q": text})
    assert answer.status_code == 302
    return str(answer["Location"])


def refused_at_two_hours_ago(client: Client) -> str:
    """A sign-in whose code was not sent, since the country is closed; it is open again by now."""
    SmsConfirmation.objects.filter(user=client.user).update(
        created_at=timezone.now() - timedelta(days=9)
    )
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        change({"allowed_countries": "DE"}, actor=log.SYSTEM)
        refused = challenges.start(
            client.user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=people.BINDING
        )
        assert isinstance(refused, SendRefused)
        request = RequestFactory().get("/")
        request.session = SessionStore()
        reference = support_reference.of(request, client.user)
    change({"allowed_countries": "DE,FR"}, actor=log.SYSTEM)
    return reference


class TestActions:
    def finding(self, cause: CauseId, provider: SmsProvider | None = None) -> Finding:
        return Finding(
            cause,
            Confidence.CERTAIN,
            (),
            at=timezone.now(),
            subject=Subject(provider.pk if provider else None),
        )

    @pytest.mark.parametrize("cause", list(CauseId))
    def test_each_act_leads_somewhere_or_says_what_to_do(
        self, ann: Client, provider: SmsProvider, cause: CauseId
    ) -> None:
        finding = self.finding(cause, provider)
        admin, support = operator(groups=["Administrator"]), operator("s@x.y", groups=["Support"])
        wanted = [one for one in finding.entry.actions if one not in NOT_HERE]
        for who in (admin, support):
            found = offers(finding, client=ann, operator=who)
            assert [one.action for one in found if one.action not in NOT_HERE] == wanted
            for one in found:
                assert sum(map(bool, (one.address, one.whom, one.how))) == 1
        assert not [one for one in offers(finding, client=ann, operator=admin) if one.whom]

    def test_who_may_not_is_told_whom_to_ask(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        provider.enabled = False
        provider.save()
        people.sent_code(ann.user)
        desk(client, "Support")
        shown = client.get(page_of(ann, "settings/")).content.decode()
        assert "Ask an Integrator: <" in shown
        assert 'data-test="ask-enable_provider">Enable the provider<' in shown
        assert 'data-test="copy-for-them"' in shown
        assert 'data-test="act-enable_provider"' not in shown

    def test_a_provider_is_checked_from_here_and_the_verdict_is_fresh(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        desk(client, "Administrator")
        back = f"{page_of(ann, 'settings/')}#why-no-codes"
        address = f"/admin/smsproviders/smsprovider/{provider.pk}/check/"
        assert client.post(address, {"next": back})["Location"] == back
        provider.refresh_from_db()
        assert provider.credentials_checked_at

    @pytest.mark.parametrize(
        "back", ["https://evil.example/admin/", "//evil.example", "/security/", "/admin", "\\\\x"]
    )
    def test_s72_it_leads_back_to_our_own_pages_alone(
        self, client: Browser, ann: Client, provider: SmsProvider, back: str
    ) -> None:
        desk(client, "Administrator")
        for address in (
            f"/admin/smsproviders/smsprovider/{provider.pk}/check/",
            f"/admin/smsproviders/smsprovider/{provider.pk}/enable/",
            page_of(ann, "sessions/end/"),
            page_of(ann, "passwords/forgive/"),
        ):
            answer = client.post(address, {"next": back, "all": "1"})
            assert answer["Location"].startswith("/admin/")
            assert answer["Location"] != back

    def test_what_is_repaired_on_a_host_is_said_in_place(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        with time_machine.travel(timezone.now() - timedelta(seconds=40)):
            people.sent_code(ann.user)
        desk(client, "Support")
        shown = client.get(page_of(ann, "settings/")).content.decode()
        assert 'data-verdict="sms.queue_stalled"' in shown
        assert "celery -A backoffice worker" in shown


class TestATestMessage:
    def test_it_goes_to_the_client_s_own_number_and_is_logged_about_him(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        admin = desk(client, "Administrator")
        form = client.get(page_of(ann, "test-sms/")).content.decode()
        assert "+33••78" in form
        assert "345678" not in form
        answer = client.post(page_of(ann, "test-sms/"), {"provider": ""})
        message = SmsMessage.objects.get(purpose="test")
        assert (message.number, message.only_provider) == (people.NUMBER, provider)
        assert answer["Location"] == page_of(ann, f"test-sms/{message.pk}/")
        shown = client.get(answer["Location"]).content.decode()
        assert "To +33••78 through Main" in shown
        assert page_of(ann, "settings/") in shown
        told = client.get(page_of(ann, f"test-sms/{message.pk}/state/")).json()
        assert told["is_over"] is False
        event = AuditEvent.objects.get(action="twofa.test_sms_sent")
        assert (event.subject, event.actor_id) == (f"user:{ann.user_id}", str(admin.pk))
        assert AuditEvent.objects.filter(action="provider.test_sms_sent").exists()

    def test_another_provider_can_be_chosen(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        second = SmsProvider.objects.create(
            caption="Second", name="second", backend="sandbox", enabled=True, priority=2
        )
        desk(client, "Administrator")
        client.post(page_of(ann, "test-sms/"), {"provider": str(second.pk)})
        assert SmsMessage.objects.get().only_provider == second

    def test_without_a_number_or_a_provider_nothing_is_sent(
        self, client: Browser, ann: Client
    ) -> None:
        bare = books.client("bare@example.com")
        desk(client, "Administrator")
        assert client.post(page_of(bare, "test-sms/"), {})["Location"] == page_of(bare, "settings/")
        answer = client.post(page_of(ann, "test-sms/"), {})
        assert "No enabled provider serves this number." in answer.content.decode()
        assert not SmsMessage.objects.exists()

    def test_it_needs_the_right_and_an_identified_caller(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        sign_in(client, operator(permissions=["clients.view_client"]))
        assert client.post(page_of(ann, "test-sms/"), {}).status_code == 403
        desk(client, "Support")
        client.post(page_of(ann, "test-sms/"), {})
        assert not SmsMessage.objects.exists()
        event = AuditEvent.objects.get(action="twofa.test_sms_sent")
        assert event.facts["refused"] == "caller_not_identified"

    def test_another_s_message_is_not_shown(
        self, client: Browser, ann: Client, provider: SmsProvider
    ) -> None:
        bob = books.client("bob@example.com")
        people.sms(bob.user, "+33612345679")
        desk(client, "Administrator")
        client.post(page_of(ann, "test-sms/"), {})
        people.sent_code(ann.user)
        test, code = SmsMessage.objects.order_by("id")
        assert client.get(page_of(bob, f"test-sms/{test.pk}/")).status_code == 404
        assert client.get(page_of(ann, f"test-sms/{code.pk}/")).status_code == 404
