"""Fixtures for every test. What they start lives in tests/services."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase, override_settings

from tests.services import browser as chromium
from tests.services import passwords, pristine, session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from backoffice.development.leash import Leash
    from backoffice.development.valkey import Valkey
    from tests.services.workers import CeleryProcesses


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """pytest-django asks for this before it makes the test database: now PostgreSQL is needed."""
    session.start_postgres()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        pristine.remember(connections["default"])
    yield
    with django_db_blocker.unblock():
        connections["default"].close()
        pristine.let_go(connections["default"])


def _restore(self: Any) -> None:
    for alias in self._databases_names(include_mirrors=False):
        pristine.restore(connections[alias])


@pytest.fixture(scope="session", autouse=True)
def _transactional_tests_restore_the_database() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _restore)
        yield


@pytest.fixture(scope="session", autouse=True)
def _hashing_a_password_is_cheap() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=passwords.HASHERS):
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_test_client_is_cheap() -> Iterator[None]:
    """WhiteNoise lists every static file for each new client: 11 ms, to serve none of them."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session")
def broker() -> Iterator["redis.Redis"]:
    """A connection to the session's Valkey, which holds Celery's queues and Django's cache."""
    session.start_valkey()
    client = redis.Redis.from_url(str(settings.CACHES["default"]["LOCATION"]))
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _empty_broker(broker: "redis.Redis") -> None:
    broker.flushdb()


@pytest.fixture(autouse=True)
def _no_setting_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rolled-back test leaves no changed System > Settings behind in this process.

    That none is changed yet is known without a query, or the first one of a test would have one
    more than those after it.
    """
    monkeypatch.setattr("backoffice.policy.stored._kept", (float("inf"), {}))


@pytest.fixture(scope="session")
def leash() -> "Leash":
    """Starts processes that cannot outlive the test session."""
    return session.leash()


@pytest.fixture
def own_valkey(leash: "Leash", tmp_path: Path) -> Iterator["Valkey"]:
    """A Valkey of the test's own, over TCP and running, to be stopped, killed and hung."""
    from backoffice.development.valkey import Valkey

    valkey = Valkey(leash, tmp_path, tcp=True)
    valkey.start()
    yield valkey
    valkey.kill()


@pytest.fixture
def celery_processes(
    transactional_db: None, leash: "Leash", tmp_path: Path
) -> Iterator["CeleryProcesses"]:
    """`celery_processes.worker()` and `.beat()` start real ones on the test database."""
    from tests.services.workers import CeleryProcesses

    processes = CeleryProcesses(leash, tmp_path)
    yield processes
    processes.end()


def pytest_report_header() -> str:
    return f"browser: {chromium.find() or f'tests skipped, {chromium.MISSING}'}"


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One Chromium for the session. Without one, its tests are skipped; in CI they fail."""
    if chromium.find() is None:
        (pytest.fail if chromium.is_required() else pytest.skip)(chromium.MISSING)
    with chromium.launched(session.folder("browser")) as launched:
        yield launched


@pytest.fixture
def visitors(browser: "Browser", live_server: Any) -> Iterator[chromium.Visitors]:
    """Several windows: `visitors.open()`, each with cookies of its own."""
    visitors = chromium.Visitors(browser, live_server.url)
    yield visitors
    visitors.close()


@pytest.fixture
def page(visitors: chromium.Visitors) -> "Page":
    """A window on the running site: `page.goto("/sign-in/")`."""
    return visitors.open()


@pytest.fixture
def console_errors(visitors: chromium.Visitors) -> list[str]:
    """What the consoles complained about so far; a test asserts that it is empty."""
    return visitors.errors
