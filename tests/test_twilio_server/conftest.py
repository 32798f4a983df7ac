"""One server for all tests of this folder, the SDK pointed at it, and a receiver of callbacks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from twilio.rest import Client

from tests.test_twilio_server.receiver import Receiver, receiving
from tests.test_twilio_server.sdk import RewritingHttpClient
from tests.twilio_server import TwilioServer

PHONE = "+447700900123"
SENDER = "+442071838750"

Send = Callable[..., requests.Response]


@pytest.fixture(autouse=True)
def _empty_broker() -> None:
    """These tests need no broker: this takes the place of the fixture that starts one."""


@pytest.fixture(scope="session")
def running() -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        yield server


@pytest.fixture
def twilio(running: TwilioServer) -> Iterator[TwilioServer]:
    yield running
    running.reset()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def client(twilio: TwilioServer) -> Iterator[Client]:
    http_client = RewritingHttpClient(twilio.url)
    yield Client(twilio.account.sid, twilio.account.auth_token, http_client=http_client)
    http_client.session.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def send(twilio: TwilioServer, http: requests.Session) -> Send:
    """Ask for a send with raw requests. A parameter of None is left out."""

    def _send(*, timeout: float = 5.0, **changes: Any) -> requests.Response:
        form = {"To": PHONE, "From": SENDER, "Body": "123456 is your code.", **changes}
        return http.post(
            f"{twilio.url}{twilio.account.uri}/Messages.json",
            data={name: value for name, value in form.items() if value is not None},
            auth=(twilio.account.sid, twilio.account.auth_token),
            timeout=timeout,
        )

    return _send


@pytest.fixture
def get(twilio: TwilioServer, http: requests.Session) -> Send:
    """Fetch a path below the account's with raw requests."""

    def _get(path: str, **options: Any) -> requests.Response:
        options.setdefault("auth", (twilio.account.sid, twilio.account.auth_token))
        return http.get(f"{twilio.url}{twilio.account.uri}{path}", timeout=5, **options)

    return _get
