"""What Prometheus is told, and who may ask. Parsed as Prometheus does, from real rows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from backoffice.metrics.codes import COUNTED
from smsproviders.models import Breaker, ProviderCondition, RoutePause, SmsMessage, SpendMinute
from tests.backoffice import books, busy_days
from twofa.vocabulary import SendOutcome

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from backoffice.development.valkey import Valkey

TOKEN = "t" * 40
DOCS = Path(__file__).resolve().parents[2] / "docs"
Samples = dict[str, dict[tuple[str, ...], float]]


@pytest.fixture(autouse=True)
def _token(settings: "Settings") -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_ALLOWED = []


def scrape(client: Client, *, token: str = TOKEN, **headers: str) -> Any:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return client.get("/metrics", headers=headers)


def samples(response: Any) -> Samples:
    """By name, then by the values of the labels in the order of their names."""
    assert response.status_code == 200
    return {
        family.name: {
            tuple(value for _name, value in sorted(one.labels.items())): one.value
            for one in family.samples
        }
        for family in text_string_to_metric_families(response.content.decode())
    }


class TestWhoMayAsk:
    """No database fixture where nobody may: a query would fail the test."""

    def test_without_a_token_and_addresses_there_is_no_such_page(
        self, client: Client, settings: "Settings"
    ) -> None:
        settings.METRICS_TOKEN = ""
        assert scrape(client).status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer Ünsinn"]
    )
    def test_a_missing_or_wrong_token_is_refused(self, client: Client, header: str) -> None:
        refused = client.get("/metrics", headers={"Authorization": header} if header else {})
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"] == "Bearer"
        assert b"backoffice_" not in refused.content

    @pytest.mark.django_db
    def test_an_allowed_address_needs_no_token(self, client: Client, settings: "Settings") -> None:
        settings.METRICS_TOKEN = ""
        settings.METRICS_ALLOWED = [ip_network("10.20.0.0/24")]
        allowed = client.get("/metrics", REMOTE_ADDR="10.20.0.7")
        assert allowed.status_code == 200
        assert "no-store" in allowed["Cache-Control"]
        assert client.post("/metrics", REMOTE_ADDR="10.20.0.7").status_code == 405

    @pytest.mark.parametrize(
        ("peer", "forwarded"),
        [
            ("198.51.100.1", ""),
            ("198.51.100.1", "10.20.0.7"),  # forged: no proxy of ours
            ("10.1.1.1", "10.20.0.7, 198.51.100.1"),  # forged, through our proxy
            ("10.1.1.1", ""),  # a proxy that does not say for whom
            ("", "10.20.0.7"),  # a unix socket
        ],
    )
    def test_any_other_address_is_refused(
        self, client: Client, settings: "Settings", peer: str, forwarded: str
    ) -> None:
        settings.METRICS_TOKEN = ""
        settings.METRICS_ALLOWED = [ip_network("10.0.0.0/8")]
        settings.TRUSTED_PROXIES = [ip_network("10.1.1.0/24")]
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        refused = client.get("/metrics", headers=headers, REMOTE_ADDR=peer)
        assert refused.status_code == 403
        assert b"backoffice_" not in refused.content

    @pytest.mark.django_db
    def test_the_address_behind_our_proxy_counts(
        self, client: Client, settings: "Settings"
    ) -> None:
        settings.METRICS_ALLOWED = [ip_network("10.20.0.0/24")]
        settings.TRUSTED_PROXIES = [ip_network("10.1.1.0/24")]
        headers = {"X-Forwarded-For": "10.20.0.7"}
        response = client.get("/metrics", headers=headers, REMOTE_ADDR="10.1.1.1")
        assert response.status_code == 200


@pytest.mark.django_db
class TestFigures:
    def test_they_are_those_of_the_first_page(self, client: Client) -> None:
        busy_days.all_of_it()
        found = samples(scrape(client))
        assert found["backoffice_database_up"] == {(): 1}
        assert found["backoffice_broker_up"] == {(): 1}
        assert found["backoffice_heartbeat_age_seconds"].keys() == {("worker",), ("beat",)}
        assert found["backoffice_clock_offset_seconds"][("database",)] == 0.24
        asked = found["backoffice_codes"]["asked", "day"]
        assert asked > found["backoffice_codes"]["typed", "day"] > 1000
        assert found["backoffice_code_requests_refused"]["cooldown", "day"] > 0
        assert found["backoffice_messages_failed"]["sms.provider_down", "day"] > 0
        assert found["backoffice_code_tries"]["authenticator", "incorrect", "day"] > 0
        assert found["backoffice_clients_locked"] == {(): 1}
        assert found["backoffice_incidents_open"][("failures",)] == 1
        assert found["backoffice_provider_balance"]["USD", "first"] == 1234.5
        assert found["backoffice_provider_balance_threshold"]["USD", "second"] == 50
        assert found["backoffice_provider_up"] == {("first",): 1, ("second",): 1}
        calls = found["backoffice_provider_calls"]
        assert calls["failed", "second", "hour"] > calls["failed", "first", "hour"] > 0

    def test_what_was_never_seen_has_no_sample_and_is_no_zero(self, client: Client) -> None:
        found = samples(scrape(client))
        assert found["backoffice_heartbeat_age_seconds"] == {}
        assert found["backoffice_codes_counted_age_seconds"] == {}
        assert found["backoffice_codes"]["asked", "hour"] == 0
        assert found["backoffice_queue_oldest_wait_seconds"] == {(): 0}

    def test_each_thing_that_goes_wrong_shows(self, client: Client) -> None:
        now = timezone.now()
        provider, _second = busy_days.providers()
        Breaker.objects.create(provider=provider, country="*", opened_at=now)
        ProviderCondition.objects.create(provider=provider, kind="reports", state="missing")
        SpendMinute.objects.create(
            country="*", minute=now - timedelta(minutes=2), amount=Decimal("12.5"), counted_to=now
        )
        RoutePause.objects.create(
            scope="country", route="ID", reason="low_conversion", ends_at=now + timedelta(hours=1)
        )
        for number in range(2):
            SmsMessage.objects.create(
                number=f"+3361234567{number}",
                purpose="sign_in",
                expires_at=now + timedelta(minutes=5),
                next_attempt_at=now - timedelta(seconds=40),
            )
        found = samples(scrape(client))
        assert found["backoffice_provider_up"][("first",)] == 0
        assert found["backoffice_provider_breakers_open"] == {("first",): 1, ("second",): 0}
        assert found["backoffice_provider_trouble"]["reports", "first"] == 1
        assert found["backoffice_spend_hour"] == {("USD",): 12.5}
        assert found["backoffice_routes_paused"][("low_conversion",)] == 1
        assert found["backoffice_messages_unfinished"][("queued",)] == 2
        assert 39 < found["backoffice_queue_oldest_wait_seconds"][()] < 60

    def test_no_person_is_in_them_and_labels_are_of_closed_lists(self, client: Client) -> None:
        busy_days.all_of_it()
        text = scrape(client).content.decode()
        assert not re.search(r"@|\+\d|locked@|Not Back", text)
        found = samples(scrape(client))
        reasons = {reason for reason, _window in found["backoffice_code_requests_refused"]}
        assert reasons == set(SendOutcome.values) - {SendOutcome.QUEUED}
        assert sum(len(values) for values in found.values()) < 300

    def test_the_number_of_queries_does_not_grow(self, client: Client) -> None:
        scrape(client)
        with CaptureQueriesContext(connection) as empty:
            scrape(client)
        busy_days.all_of_it()
        for number in range(3):
            books.locked(books.client(f"more-{number}@example.com"))
        with CaptureQueriesContext(connection) as full:
            scrape(client)
        assert len(full) <= len(empty) + 2
        assert len(full) < 25
        assert COUNTED == 1_000

    def test_open_metrics_are_spoken_where_asked_for(self, client: Client) -> None:
        response = scrape(client, Accept="application/openmetrics-text; version=1.0.0")
        assert response["Content-Type"].startswith("application/openmetrics-text")
        assert response.content.endswith(b"# EOF\n")

    def test_without_redis_all_else_is_told(
        self, client: Client, own_valkey: "Valkey", settings: "Settings"
    ) -> None:
        settings.REDIS_URL = own_valkey.url
        own_valkey.kill()
        assert samples(scrape(client))["backoffice_broker_up"] == {(): 0}

    def test_without_the_database_it_is_a_failure_that_says_so(self, client: Client) -> None:
        def refuse(*_: object) -> None:
            raise OperationalError("connection to 10.1.2.3 refused for user backoffice")

        with connection.execute_wrapper(refuse):
            response = scrape(client)
            assert scrape(client, token="x" * 40).status_code == 401
        assert response.status_code == 503
        text = response.content.decode()
        assert "The database does not answer" in text
        assert "backoffice_database_up 0.0" in text
        assert "10.1.2.3" not in text


def rules() -> Iterator[tuple[str, str]]:
    """Name and expression of each alert."""
    text = (DOCS / "prometheus-rules.yml").read_text(encoding="utf-8")
    yield from re.findall(r"- alert: (\w+)\n +expr: (.+)\n", text)


@pytest.mark.django_db
def test_the_rules_of_the_docs_ask_for_what_is_told(client: Client) -> None:
    busy_days.all_of_it()
    told = samples(scrape(client))
    alerts = dict(rules())
    assert len(alerts) >= 8
    for name, expression in alerts.items():
        asked = set(re.findall(r"\bbackoffice_\w+", expression))
        assert asked or name == "BackOfficeSilent", name
        assert asked <= told.keys(), name
        for metric, labels in re.findall(r"(backoffice_\w+)\{([^}]*)\}", expression):
            for value in re.findall(r'="([^"]+)"', labels):
                assert any(value in key for key in told[metric]), f"{name}: {value}"


def test_each_figure_of_the_docs_is_told() -> None:
    """By name, so that none is described that is gone; the reverse is in the answer's own HELP."""
    page = (DOCS / "operating.md").read_text(encoding="utf-8")
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (DOCS.parent / "backoffice" / "metrics").glob("*.py")
    )
    named = set(re.findall(r"`backoffice_(\w+)[`{]", page))
    assert named
    assert all(f'"{name}"' in source for name in named)
