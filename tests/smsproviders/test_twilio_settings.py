"""The form of a Twilio account, and where its API may be."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from smsproviders.backends.api_address import AddressRefused
from smsproviders.backends.twilio.address import TWILIO, twilio_api_url_is_allowed
from smsproviders.backends.twilio.form import TwilioForm

SID = "AC" + "5ad0" * 8
KEY = "SK" + "6be1" * 8
SERVICE = "MG" + "8cf2" * 8
GOOD = {"account_sid": SID, "auth_token": "token", "from_number": "+447700900123"}


def errors_of(sender: str = "", **changes: Any) -> dict[str, list[str]]:
    errors: Any = TwilioForm(data={**GOOD, **changes}, default_sender=sender).errors
    return dict(errors)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"auth_token": "", "api_key_sid": KEY, "api_key_secret": "secret"},
        {"from_number": "", "messaging_service_sid": SERVICE},
        {"from_number": "Example"},
        {"from_number": "12345"},
        {"webhook_secret": "old, new"},
    ],
)
def test_it_takes_what_twilio_gives(settings: dict[str, str]) -> None:
    assert errors_of(**settings) == {}


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"account_sid": ""}, "account_sid"),
        ({"account_sid": "AC123"}, "account_sid"),
        ({"account_sid": KEY}, "account_sid"),
        ({"account_sid": f"{SID}\n5"}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"api_key_sid": KEY}, "api_key_secret"),
        ({"api_key_secret": "secret"}, "api_key_sid"),
        ({"api_key_sid": SID, "api_key_secret": "secret"}, "api_key_sid"),
        ({"from_number": ""}, "from_number"),
        ({"from_number": "07700 900123"}, "from_number"),
        ({"from_number": "A far too long name"}, "from_number"),
        ({"messaging_service_sid": SERVICE}, "messaging_service_sid"),
        ({"from_number": "", "messaging_service_sid": "MG1"}, "messaging_service_sid"),
        ({"webhook_secret": "one,two,three"}, "webhook_secret"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(settings: dict[str, str], field: str) -> None:
    assert list(errors_of(**settings)) == [field]


def test_the_providers_own_sender_is_sender_enough() -> None:
    assert errors_of(sender="+447700900123", from_number="") == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9999",
        "http://localhost:9999",
        "http://[::1]:9999",
        "https://proxy.example.com",
    ],
)
def test_the_api_may_be_on_this_machine_or_on_a_named_host(url: str, settings: Settings) -> None:
    settings.TWILIO_API_URL = url
    settings.TWILIO_API_HOSTS = ["proxy.example.com"]

    assert twilio_api_url_is_allowed(None) == []
    assert TWILIO.rewritten("https://api.twilio.com/2010-04-01/A.json?To=1") == (
        f"{url}/2010-04-01/A.json?To=1"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://collector.example.net",
        "http://proxy.example.com",
        "https://proxy.example.com.example.net",
        "http://user@127.0.0.1:9999",
        "http://10.0.0.7",
        "http://169.254.169.254",
    ],
)
def test_s54_the_api_may_be_nowhere_else(url: str, settings: Settings) -> None:
    settings.TWILIO_API_URL = url
    settings.TWILIO_API_HOSTS = ["proxy.example.com"]

    assert [message.id for message in twilio_api_url_is_allowed(None)] == ["smsproviders.E001"]
    with pytest.raises(AddressRefused):
        TWILIO.rewritten("https://api.twilio.com/")


def test_without_it_twilios_own_addresses_stay(settings: Settings) -> None:
    settings.TWILIO_API_URL = ""

    own = "https://messaging.twilio.com/v1/x"
    assert TWILIO.rewritten(own) == own
    assert twilio_api_url_is_allowed(None) == []
