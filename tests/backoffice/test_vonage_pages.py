"""Adding a Vonage account in the Back Office."""

import pytest
from django.test import Client

from smsproviders.models import SmsProvider
from tests.backoffice.provider_pages import LIST, address

pytestmark = pytest.mark.django_db

GIVEN = {
    "caption": "Vonage",
    "priority": "20",
    "sender": "+447700900001",
    "api_key": "a1b2c3d4",
    "api_secret": "typed-api-secret",
    "signature_secret": "typed-signature-secret",
}


def test_it_is_offered_and_explains_its_settings(integrator: Client) -> None:
    assert '?backend=vonage"' in integrator.get(f"{LIST}add/").content.decode()
    page = integrator.get(f"{LIST}add/?backend=vonage").content.decode()
    assert '<option value="sha256" selected>' in page
    assert "stays unknown" in page  # what a missing signature secret costs


def test_it_is_saved_and_its_secrets_are_shown_no_more(integrator: Client) -> None:
    integrator.post(f"{LIST}add/?backend=vonage", GIVEN)

    provider = SmsProvider.objects.get()
    assert provider.sender_for("GB") == "+447700900001"
    assert provider.credentials["signature_method"] == "sha256"
    page = integrator.get(address(provider, "change/")).content.decode()
    assert "a1b2c3d4" in page
    assert "typed-" not in page


def test_without_a_sender_it_says_what_is_missing(integrator: Client) -> None:
    for sender in ("", "A far too long name"):
        answer = integrator.post(f"{LIST}add/?backend=vonage", {**GIVEN, "sender": sender})
        assert "Vonage needs a sender" in answer.content.decode()
    assert not SmsProvider.objects.exists()
