"""The form of a Vonage account, and where its API may be."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from smsproviders.backends.api_address import AddressRefused
from smsproviders.backends.vonage.address import BALANCE, VONAGE, vonage_api_url_is_allowed
from smsproviders.backends.vonage.form import VonageForm

GOOD = {"api_key": "a1b2c3d4", "api_secret": "secret"}


def form_of(*, sender: str = "+447700900123", **changes: Any) -> VonageForm:
    return VonageForm(data={**GOOD, **changes}, default_sender=sender)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"signature_secret": "old, new"},
        {"signature_secret": "secret", "signature_method": "sha512"},
    ],
)
def test_it_takes_what_vonage_gives(settings: dict[str, str]) -> None:
    assert form_of(**settings).errors == {}


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"api_key": ""}, "api_key"),
        ({"api_key": "a1b2c3d"}, "api_key"),
        ({"api_key": "a1b2 3d4"}, "api_key"),
        ({"api_secret": ""}, "api_secret"),
        ({"signature_method": "md5hash"}, "signature_method"),
        ({"signature_secret": "one,two,three"}, "signature_secret"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(settings: dict[str, str], field: str) -> None:
    assert list(form_of(**settings).errors) == [field]


@pytest.mark.parametrize("sender", ["+447700900123", "Example", "My Company", "12345"])
def test_the_providers_sender_may_be_a_number_or_a_short_name(sender: str) -> None:
    assert form_of(sender=sender).errors == {}


@pytest.mark.parametrize("sender", ["", "07700 900123", "Exämple", "A far too long name", "a\n"])
def test_the_provider_must_have_a_sender_that_vonage_takes(sender: str) -> None:
    assert "Vonage needs a sender" in str(form_of(sender=sender).non_field_errors())


def test_the_strong_method_is_the_default() -> None:
    form = form_of(signature_secret=" one , two ")

    assert form.is_valid()
    assert form.cleaned_data["signature_method"] == "sha256"
    assert form.cleaned_data["signature_secret"] == "one,two"


def test_the_api_may_be_on_this_machine_or_on_a_named_host(settings: Settings) -> None:
    settings.VONAGE_API_HOSTS = ["proxy.example.com"]
    for url in ("http://127.0.0.1:9999", "https://proxy.example.com/base"):
        settings.VONAGE_API_URL = url

        assert vonage_api_url_is_allowed(None) == []
        assert VONAGE.rewritten(BALANCE) == f"{url}/account/get-balance"


@pytest.mark.parametrize(
    "url",
    [
        "https://collector.example.net",
        "http://proxy.example.com",
        "http://user@127.0.0.1:9999",
        "http://169.254.169.254",
    ],
)
def test_s54_the_api_may_be_nowhere_else(url: str, settings: Settings) -> None:
    settings.VONAGE_API_URL = url
    settings.VONAGE_API_HOSTS = ["proxy.example.com"]

    [found] = vonage_api_url_is_allowed(None)

    assert found.id == "smsproviders.E002"
    assert "VONAGE_API_URL" in found.msg
    with pytest.raises(AddressRefused):
        VONAGE.rewritten(BALANCE)


def test_twilios_list_of_hosts_is_not_vonages(settings: Settings) -> None:
    settings.VONAGE_API_URL = "https://proxy.example.com"
    settings.TWILIO_API_HOSTS = ["proxy.example.com"]

    assert vonage_api_url_is_allowed(None)


def test_without_it_vonages_own_addresses_stay(settings: Settings) -> None:
    settings.VONAGE_API_URL = ""

    assert VONAGE.rewritten(BALANCE) == "https://rest.nexmo.com/account/get-balance"
    assert vonage_api_url_is_allowed(None) == []
