"""A Twilio and a Vonage of our own, and providers to send with."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.models import SmsProvider
from tests.http_gateway import TOKEN, HttpGateway
from tests.twilio_server import TwilioServer
from tests.vonage_server import VonageServer

MakeProvider = Callable[..., SmsProvider]


@pytest.fixture(scope="session")
def twilio_process() -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        yield server


@pytest.fixture
def twilio(twilio_process: TwilioServer, settings: Settings) -> Iterator[TwilioServer]:
    """Where every Twilio provider of the test sends to; it fails the test over faulty requests."""
    settings.TWILIO_API_URL = twilio_process.url
    yield twilio_process
    try:
        twilio_process.assert_no_violations()
    finally:
        twilio_process.reset()


@pytest.fixture(autouse=True)
def _no_backend_outlives_its_test() -> Iterator[None]:
    yield
    accounts.forget()


@pytest.fixture
def twilio_credentials(twilio_process: TwilioServer) -> dict[str, str]:
    account = twilio_process.account
    return {
        "account_sid": account.sid,
        "auth_token": account.auth_token,
        "from_number": account.numbers[0],
    }


@pytest.fixture
def make_twilio_provider(db: None, twilio_credentials: dict[str, str]) -> MakeProvider:
    def make(**fields: object) -> SmsProvider:
        provider = SmsProvider(
            **{"caption": "Twilio", "name": "twilio", "backend": "twilio", "enabled": True}
            | {name: value for name, value in fields.items() if name != "credentials"}
        )
        provider.credentials = {**twilio_credentials, **fields.get("credentials", {})}  # type: ignore[dict-item]
        provider.save()
        return provider

    return make


@pytest.fixture
def twilio_provider(make_twilio_provider: MakeProvider) -> SmsProvider:
    return make_twilio_provider()


@pytest.fixture(scope="session")
def vonage_process() -> Iterator[VonageServer]:
    with VonageServer() as server:
        yield server


@pytest.fixture
def vonage(vonage_process: VonageServer, settings: Settings) -> Iterator[VonageServer]:
    """Where every Vonage provider of the test sends to; it fails the test over faulty requests."""
    settings.VONAGE_API_URL = vonage_process.url
    yield vonage_process
    try:
        vonage_process.assert_no_violations()
    finally:
        vonage_process.reset()


@pytest.fixture
def make_vonage_provider(db: None, vonage_process: VonageServer) -> MakeProvider:
    account = vonage_process.account

    def make(
        *, caption: str = "Vonage", credentials: dict[str, str] | None = None, **fields: Any
    ) -> SmsProvider:
        provider = SmsProvider(
            **{
                "caption": caption,
                "name": "vonage",
                "backend": "vonage",
                "enabled": True,
                "senders": {"": "+447700900001"},
                **fields,
            }
        )
        provider.credentials = {
            "api_key": account.api_key,
            "api_secret": account.api_secret,
            "signature_secret": account.signature_secret,
            "signature_method": "sha256",
            **(credentials or {}),
        }
        provider.save()
        return provider

    return make


@pytest.fixture
def vonage_provider(make_vonage_provider: MakeProvider) -> SmsProvider:
    return make_vonage_provider()


@pytest.fixture
def sandbox_provider(db: None, settings: Settings) -> SmsProvider:
    """Works only with DEBUG, which this switches on."""
    settings.DEBUG = True
    provider = SmsProvider(
        caption="Sandbox", name="sandbox", backend="sandbox", enabled=True, priority=20
    )
    provider.credentials = {"behaves_as": "works"}
    provider.save()
    return provider


@pytest.fixture(scope="session")
def gateway_process() -> Iterator[HttpGateway]:
    with HttpGateway() as gateway:
        yield gateway


@pytest.fixture
def gateway(gateway_process: HttpGateway, settings: Settings) -> Iterator[HttpGateway]:
    """A gateway that the deployment's settings allow; it fails the test over faulty requests."""
    settings.HTTP_PROVIDER_ALLOWED_HOSTS = [("127.0.0.1", gateway_process.port)]
    yield gateway_process
    violations = list(gateway_process.violations)
    gateway_process.reset()
    assert violations == []


@pytest.fixture
def http_settings(gateway: HttpGateway) -> dict[str, Any]:
    """What an integrator would enter for that gateway."""
    return {
        "url": f"{gateway.url}/messages",
        "template": '{"to": "%TO%", "from": "%FROM%", "text": "%TEXT%", "ttl": "%TTL%",'
        ' "reference": "%ID%", "callback": "%CALLBACK%"}',
        "secret": TOKEN,
        "id_path": "messages[0].id",
        "error_path": "error.code",
        "error_map": "bad-number = number-invalid\nno-credit = balance\nbusy = next",
        "balance_url": f"{gateway.url}/balance",
        "balance_path": "account.balance",
        "currency": "EUR",
        "price_path": "messages[0].price",
        "segments_path": "messages[0].segments",
    }


@pytest.fixture
def make_http_provider(db: None, http_settings: dict[str, Any]) -> MakeProvider:
    def make(**fields: Any) -> SmsProvider:
        changes = fields.pop("credentials", {})
        provider = SmsProvider(
            **{"caption": "Gateway", "name": "gateway", "backend": "http", "enabled": True} | fields
        )
        provider.credentials = {**http_settings, **changes}
        provider.save()
        return provider

    return make


@pytest.fixture
def http_provider(make_http_provider: MakeProvider) -> SmsProvider:
    return make_http_provider()
