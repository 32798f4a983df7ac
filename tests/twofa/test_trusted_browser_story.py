"""The tick in a real browser: kept by it, sent by it, listed and stopped there."""

from typing import TYPE_CHECKING, Any

import pytest

from backoffice.audit import log
from backoffice.policy import changes
from tests.services.browser import Visitors
from tests.twofa import people
from tests.twofa.people import PASSWORD, app_code
from twofa.models import TrustedBrowser

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _cookies_without_tls(settings: Any) -> None:
    settings.SESSION_COOKIE_NAME, settings.TRUSTED_COOKIE_NAME = "session", "trusted"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.CSRF_COOKIE_NAME = "csrf"


def sign_in(page: "Page") -> None:
    page.goto("/sign-in/")
    page.fill("[name=email]", "ann@example.com")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def test_a_client_trusts_the_browser_comes_back_without_a_code_and_stops_it(
    visitors: Visitors, console_errors: list[str]
) -> None:
    changes.change({"trusted_browsers": "on"}, actor=log.SYSTEM)
    device = people.authenticator(people.client(password=PASSWORD))
    page = visitors.open(viewport={"width": 320, "height": 800})
    sign_in(page)
    page.wait_for_url("**/verify/")
    page.check("text=Trust this browser")
    page.fill("[name=code]", app_code(device))
    page.keyboard.press("Enter")
    page.wait_for_url("**/security/")
    page.click("[data-test=sign-out]")
    page.wait_for_url("**/sign-in/")
    sign_in(page)
    page.wait_for_url("**/security/")
    page.goto("/security/sessions/")
    page.click("[data-test=stop-trusting]")
    page.wait_for_url("**/sign-in/*")
    assert TrustedBrowser.objects.get().revoked_at
    sign_in(page)
    page.wait_for_url("**/verify/")
    assert console_errors == []
