"""Real workers, a real broker, a real provider; and what breaks them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import kombu.pools
import pytest
from celery import current_app
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from smsproviders import accounts, publishing
from smsproviders.models import SmsProvider
from tests.services.workers import CeleryProcess, CeleryProcesses
from tests.smsproviders.conftest import (  # noqa: F401 - fixtures
    make_twilio_provider,
    make_vonage_provider,
    twilio_credentials,
    twilio_process,
    twilio_provider,
    vonage_process,
)
from tests.twilio_server import TwilioServer
from tests.vonage_server import VonageServer

if TYPE_CHECKING:
    from backoffice.development.leash import Leash


@pytest.fixture
def twilio(
    twilio_process: TwilioServer,  # noqa: F811
    settings: Settings,
    live_server: LiveServer,
) -> Iterator[TwilioServer]:
    """Its callbacks reach the views of this process."""
    settings.TWILIO_API_URL = twilio_process.url
    settings.PUBLIC_URL = live_server.url
    publishing._Pause.until = 0.0
    yield twilio_process
    accounts.forget()
    twilio_process.assert_no_violations()
    twilio_process.reset()


@pytest.fixture
def variables(twilio: TwilioServer, live_server: LiveServer) -> dict[str, Any]:
    """What a worker's environment needs beside the session's."""
    return {"TWILIO_API_URL": twilio.url, "PUBLIC_URL": live_server.url, "LOG_LEVEL": "info"}


@pytest.fixture
def vonage(
    vonage_process: VonageServer,  # noqa: F811
    settings: Settings,
) -> Iterator[VonageServer]:
    settings.VONAGE_API_URL = vonage_process.url
    yield vonage_process
    vonage_process.assert_no_violations()
    vonage_process.reset()


@pytest.fixture(scope="session")
def nobody_listens() -> str:
    """A place on this machine where connections are refused, and an integrator may send to."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="module")
def shared_worker(
    django_db_setup: None,
    leash: "Leash",
    tmp_path_factory: pytest.TempPathFactory,
    twilio_process: TwilioServer,  # noqa: F811
    vonage_process: VonageServer,  # noqa: F811
    nobody_listens: str,
    live_server: LiveServer,
    broker: Any,
) -> Iterator[CeleryProcess]:
    """One worker and one beat for all tests of a module: their start takes seconds."""
    processes = CeleryProcesses(leash, tmp_path_factory.mktemp("celery"))
    worker = processes.worker(
        threads=16,  # half of them may be with one provider
        wait=False,
        TWILIO_API_URL=twilio_process.url,
        VONAGE_API_URL=vonage_process.url,
        HTTP_PROVIDER_ALLOWED_HOSTS=nobody_listens,
        PUBLIC_URL=live_server.url,
        LOG_LEVEL="debug",
        LOG_FORMAT="json",
    )
    processes.beat(wait=False)
    worker.wait_for(r"ready\.")
    yield worker
    processes.end()


@pytest.fixture
def worker(
    shared_worker: CeleryProcess,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,  # noqa: F811
) -> CeleryProcess:
    return shared_worker


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """Accepts the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@contextmanager
def publishing_to(url: str) -> Iterator[None]:
    """This process, as a web process whose REDIS_URL is another."""
    before = current_app.conf.broker_url
    _use(url)
    try:
        yield
    finally:
        _use(before)


def _use(url: str) -> None:
    current_app.conf.broker_url = url  # type: ignore[misc]
    kombu.pools.reset()
    current_app._pool = None  # type: ignore[attr-defined]
    current_app.amqp._producer_pool = None  # type: ignore[attr-defined]
    publishing._Pause.until = 0.0
