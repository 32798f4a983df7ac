"""Provider settings of a gateway: a long form that begins short."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from backoffice.audit.models import AuditEvent
from smsproviders.models import SmsProvider
from tests.backoffice.provider_pages import LIST, address, save
from tests.http_gateway import HttpGateway
from tests.services.looks import look_everywhere

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

ADD = f"{LIST}add/?backend=http"
NEW = {"caption": "Gateway", "priority": "10"}


def groups_of(page: Any) -> dict[str, bool]:
    """Of those that fold: whether it is open."""
    groups = page.context["form"].own_groups()
    return {str(group["title"]): group["is_open"] for group in groups if group["folded"]}


def test_a_new_one_begins_with_what_every_gateway_needs(integrator: Client) -> None:
    page = integrator.get(ADD)

    assert groups_of(page) == {"Balance and price": False, "Delivery reports": False}
    text = page.content.decode()
    assert "%TEXT%" in text
    assert "DELIVRD = delivered" in text


def test_what_is_set_or_wrong_stands_open(
    integrator: Client,
    http_provider: SmsProvider,
) -> None:
    assert groups_of(integrator.get(address(http_provider))) == {
        "Balance and price": True,
        "Delivery reports": False,
    }
    refused = save(integrator, http_provider, webhook_secret="short")
    assert groups_of(refused)["Delivery reports"]
    assert "16 characters" in refused.content.decode()


def test_untouched_it_changes_nothing(
    integrator: Client,
    http_provider: SmsProvider,
) -> None:
    save(integrator, http_provider)
    before, count = http_provider.credentials, AuditEvent.objects.count()

    save(integrator, http_provider)

    assert http_provider.credentials == before
    assert before["secret"] == "gateway-token-of-tests"
    assert AuditEvent.objects.count() == count


def test_s53_no_page_shows_its_secrets(
    integrator: Client,
    http_provider: SmsProvider,
) -> None:
    reports = "a secret of the reports"
    pages = [save(integrator, http_provider, webhook_secret=reports)]
    pages += [integrator.get(address(http_provider)), integrator.get(LIST)]

    for page in pages:
        assert "gateway-token-of-tests" not in page.content.decode()
        assert reports not in page.content.decode()
    changed = AuditEvent.objects.filter(action="provider.changed").latest("at")
    assert "webhook_secret" in changed.facts["changed"]
    assert reports not in str(changed.facts)


def test_s53_the_kept_secret_cannot_be_sent_to_a_server_of_ones_own(
    integrator: Client, gateway: HttpGateway, http_provider: SmsProvider, settings: Settings
) -> None:
    settings.HTTP_PROVIDER_ALLOWED_HOSTS += [("localhost", None)]
    elsewhere = f"http://localhost:{gateway.port}/messages"
    before = http_provider.credentials

    refused = save(integrator, http_provider, url=elsewhere)
    assert "Type it again" in refused.content.decode()
    assert http_provider.credentials == before
    save(integrator, http_provider, url=elsewhere, secret="typed again")
    assert http_provider.credentials["url"] == elsewhere


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://10.0.0.7:13013/cgi-bin/sendsms", "HTTP_PROVIDER_ALLOWED_HOSTS"),
        ("https://localhost/", "is not public"),
        ("https://[::ffff:169.254.169.254]/", "is not public"),
    ],
)
def test_s54_an_operator_cannot_enter_an_address_inside(
    integrator: Client, url: str, words: str
) -> None:
    answer = integrator.post(ADD, {**NEW, "url": url, "secret": "token"})

    assert words in answer.content.decode()
    assert not SmsProvider.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_form_has_no_finding_and_no_overflow(
    open_as: Callable[..., "Page"],
    console_errors: list[str],
    make_http_provider: Callable[..., SmsProvider],
    settings: Settings,
) -> None:
    provider = make_http_provider(credentials={"webhook_secret": "a secret of the reports"})
    page = open_as("Integrator")
    for place in (ADD, address(provider)):
        page.goto(place)
        look_everywhere(page)
    page.goto(ADD)
    page.get_by_text("Delivery reports", exact=True).first.click()
    assert page.get_by_label("Path of the status").is_visible()
    assert console_errors == []
