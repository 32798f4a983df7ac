"""The two stories in a real browser, with scripts: the live state, the tabs, the console clean."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from clients.models import Client, User
from tests.scenarios.conftest import CLIENT, NUMBER, OPERATOR, PASSWORD, Product, enable_sms
from tests.services.browser import Visitors
from tests.services.looks import findings
from tests.twilio_server import ok as takes_it
from tests.twilio_server import undelivered
from twofa import totp

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def marked(name: str) -> str:
    return f'[data-test="{name}"]'


def sign_in(page: "Page", email: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    enter(page)


def enter(page: "Page") -> None:
    """Send the form that has the focus, and wait for the page that answers."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def delivery(page: "Page", state: str) -> str:
    """Watch the live state until it is this one; what it says then."""
    page.wait_for_selector(f"{marked('delivery-state')}[data-state={state}]")
    return page.inner_text(marked("delivery-state")).lower()


def accessible(page: "Page") -> None:
    """No rule of WCAG 2.2 AA that a program can check is broken."""
    assert findings(page) == []


def type_code(page: "Page", code: str) -> None:
    page.fill("[name=code]", code)
    enter(page)


def test_a_client_enables_sms_and_watches_the_code_arrive(
    product: Product, windows: Visitors, client_account: User
) -> None:
    page = windows.open()
    sign_in(page, CLIENT)
    accessible(page)
    page.click(marked("factor-sms-open"))
    page.fill("[name=phone]", "06 12 34 56 78")
    enter(page)
    delivery(page, "delivered")
    accessible(page)
    type_code(page, product.code(1))
    page.goto("/security/")
    assert page.inner_text(marked("factor-sms-status")) == "On"

    again = windows.open(viewport={"width": 375, "height": 800}, color_scheme="dark")
    again.clock.install()
    sign_in(again, CLIENT)
    assert "delivered" in delivery(again, "delivered")
    accessible(again)
    assert again.evaluate("document.documentElement.scrollWidth") <= 375
    type_code(again, product.code(2))
    assert again.url.endswith("/security/")
    is_asked_whether_he_is_still_there(again)


def is_asked_whether_he_is_still_there(page: "Page") -> None:
    """Two minutes before an idle session ends; one key prolongs it."""
    page.clock.fast_forward("57:10")
    page.wait_for_selector("dialog[open]")
    accessible(page)
    with page.expect_response("**/stay/") as stayed:
        page.keyboard.press("Space")
    assert stayed.value.status == 204
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.clock.fast_forward("59:10")
    page.wait_for_selector("dialog[open] [data-over]:not([hidden])")


def test_a_client_is_told_in_words_that_the_code_did_not_arrive(
    product: Product, windows: Visitors, client_account: User
) -> None:
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    enable_sms(product, visitor)
    product.twilio.behave(takes_it().ending(undelivered(30005)))
    page = windows.open()
    sign_in(page, CLIENT)
    assert "could not be delivered" in delivery(page, "not_delivered")
    assert page.is_visible(marked("another-way"))
    accessible(page)


def test_an_operator_finds_the_client_and_disables_sms(
    product: Product, windows: Visitors, client_account: User, operator_account: User
) -> None:
    theirs = product.visitor()
    theirs.sign_in(CLIENT, PASSWORD)
    enable_sms(product, theirs)

    page = windows.open()
    page.goto("/admin/")
    page.fill("[name=email]", OPERATOR)
    page.fill("[name=password]", PASSWORD)
    enter(page)
    page.goto("/security/authenticator/")
    page.click("[name=begin]")
    seed = page.inner_text(marked("totp-key")).replace(" ", "")
    step = totp.step_at(datetime.now(UTC))
    type_code(page, totp.code_at(seed, step))

    page.goto("/admin/")
    accessible(page)
    page.locator(marked("client-search")).locator("input").first.fill(NUMBER)
    # One client has this number: the search leads to why he gets no codes.
    enter(page)
    section = page.locator(marked("two-factor-section"))
    assert page.locator(marked("diagnosis")).is_visible()
    assert section.is_visible()
    accessible(page)
    tabs = page.get_by_role("navigation", name="Client details")
    tabs.get_by_role("link", name="General").click()
    page.wait_for_url("**/change/")
    assert not section.is_visible()
    accessible(page)
    tabs.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings/")
    assert section.is_visible()
    page.click(marked("disable-sms"))
    accessible(page)
    page.fill("[name=reason]", "Lost the phone")
    page.fill("[name=ticket]", "T-7")
    page.check("[name=identified]")
    type_code(page, totp.code_at(seed, step + 1))
    assert Client.objects.get(user=client_account).two_factor == "none"
