"""What orchestrators ask; the parts really fail."""

import json
import os
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from backoffice.development.valkey import Valkey


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """Accepts the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def body(response: Any) -> dict[str, str]:
    parsed: dict[str, str] = json.loads(response.content)
    return parsed


def test_live_asks_nobody_else(client: Client) -> None:
    # No database fixture: pytest-django refuses any query.
    response = client.get("/health/live")
    assert response.status_code == 200
    assert body(response) == {"status": "ok"}


@pytest.mark.django_db
def test_ready_is_well_with_database_and_broker(client: Client) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert body(response)["database"] == "ok"
    assert body(response)["broker"] == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_s84_the_answers_are_not_kept(client: Client, address: str) -> None:
    response = client.get(address)
    assert "no-store" in response["Cache-Control"]
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


@pytest.mark.django_db
def test_a_dead_broker_is_degraded_not_unready(client: Client, own_valkey: "Valkey") -> None:
    with override_settings(REDIS_URL=own_valkey.url):
        assert body(client.get("/health/ready"))["broker"] == "ok"
        own_valkey.kill()
        response = client.get("/health/ready")
    assert response.status_code == 200
    assert body(response)["broker"] == "degraded"
    assert body(response)["status"] == "degraded"


@pytest.mark.django_db
def test_a_silent_broker_costs_less_than_a_second(client: Client, silent_broker: str) -> None:
    with override_settings(REDIS_URL=silent_broker):
        began = time.monotonic()
        response = client.get("/health/ready")
        took = time.monotonic() - began
    assert response.status_code == 200
    assert body(response)["broker"] == "degraded"
    assert took < 1


@pytest.mark.django_db
def test_an_unapplied_migration_is_unready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'twofa' AND name LIKE '0001%'")
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert body(response) == {
        "status": "unavailable",
        "database": "ok",
        "migrations": "unavailable",
    }


@pytest.mark.django_db
def test_without_the_database_it_is_unready_and_says_no_more(
    client: Client, settings: "Settings"
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connection to 10.1.2.3 refused for user backoffice")

    with connection.execute_wrapper(refuse):
        response = client.get("/health/ready")
    assert response.status_code == 503
    assert body(response) == {"status": "unavailable", "database": "unavailable"}
    assert "10.1.2.3" not in response.content.decode()
    assert os.environ["DATABASE_URL"] not in response.content.decode()
