"""*Why no codes?* on a client's page: what it costs, what it shows, and what it leads to."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.policy import stored
from clients.models import Client, UserSession
from smsproviders import templating
from smsproviders.models import SmsProvider
from tests.backoffice import books, histories
from tests.backoffice.books import desk, page_of, with_both_factors
from tests.backoffice.operators import operator, sign_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 25


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

    def test_who_may_not_diagnose_pays_for_the_factors_alone(
        self, client: Browser, ann: Client
    ) -> None:
        sign_in(client, operator(permissions=["clients.view_client"]))
        assert queries_of(client, page_of(ann, "settings/")) <= 10

    def test_the_other_tabs_ask_for_no_diagnosis(self, client: Browser, ann: Client) -> None:
        desk(client, "Administrator")
        assert queries_of(client, page_of(ann)) <= 15
        assert queries_of(client, page_of(ann, "sessions/")) <= 10

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
