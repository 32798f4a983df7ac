"""The Back Office in a real browser: tabs, keyboard, contrast, content policy, small screens."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from clients.models import Client, UserSession
from smsproviders.models import SmsMessage, SmsProvider
from tests.backoffice import books, windows
from tests.backoffice.books import LIST, locked, own_code, page_of, with_both_factors
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere
from tests.twofa import people
from twofa.models import Challenge, SendRequest, SmsConfirmation, VerificationState

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
open_as = windows.open_as  # other modules have it from here


@pytest.fixture
def ann() -> Client:
    ann = locked(with_both_factors(books.client(phone="+33612345678", country="FR")))
    UserSession.objects.create(user=ann.user, session_key="s1", browser="Firefox")
    return ann


def tab(page: "Page") -> str:
    return page.locator(".tabs [aria-current=page]").inner_text()


def open_tab(page: "Page", name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("navigation", name="Client details").get_by_role("link", name=name).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_each_tab_is_a_page_with_the_same_heading(
    open_as: Open, ann: Client, scripts: bool
) -> None:
    page = open_as(java_script_enabled=scripts)
    page.goto(page_of(ann))
    assert tab(page) == "General"
    heading = page.locator(".heading").inner_text()
    open_tab(page, "Settings")
    assert tab(page) == "Settings"
    assert page.url.endswith("/settings/")
    assert page.locator("[data-test=two-factor-section]").is_visible()
    assert page.locator("[data-test=diagnosis]").is_visible()
    assert page.locator(".heading").inner_text() == heading
    open_tab(page, "Sessions")
    assert tab(page) == "Sessions"
    assert page.locator("[data-test=end-all-sessions]").is_visible()
    assert page.locator(".heading").inner_text() == heading


def test_tabs_go_by_keyboard(open_as: Open, ann: Client) -> None:
    page = open_as()
    page.goto(page_of(ann))
    page.locator(".tabs a").first.focus()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert tab(page) == "Settings"


def test_an_error_is_shown_on_its_tab(open_as: Open, ann: Client) -> None:
    page = open_as()
    page.goto(page_of(ann))
    page.fill("[name=country]", "XX")
    page.click("[name=_save]")
    assert tab(page) == "General"
    assert page.get_by_text("This is not a country").is_visible()


def test_from_the_search_to_disabled_in_one_go(
    open_as: Open, ann: Client, console_errors: list[str]
) -> None:
    page = open_as("Security desk")
    page.goto("/admin/")
    page.locator("[data-test=client-search] input").fill("06 12 34 56 78")
    page.keyboard.press("Enter")
    page.locator("[data-test=disable-sms]").click()
    page.fill("[name=reason]", "Phone lost")
    page.check("[name=identified]")
    page.fill("[name=code]", own_code(page.operator))  # type: ignore[attr-defined]
    # Enter in the field does the act, not the first button in sight.
    page.locator("[name=code]").press("Enter")
    page.get_by_text("SMS confirmation is disabled for Ann Lee").wait_for()
    assert tab(page) == "Settings"
    assert not SmsConfirmation.objects.filter(user=ann.user).exists()
    assert console_errors == []


def test_no_page_has_a_finding_an_overflow_or_a_refused_style(
    open_as: Open, ann: Client, console_errors: list[str]
) -> None:
    page = open_as()
    for address in (
        "/admin/",
        LIST,
        f"{LIST}?q=nobody",
        page_of(ann),
        page_of(ann, "settings/"),
        page_of(ann, "sessions/"),
        page_of(ann, "test-sms/"),
        page_of(ann, "two-factor/sms/disable/"),
        page_of(ann, "two-factor/unlock/"),
        page_of(ann, "contact/"),
        page_of(ann, "block/"),
        f"{LIST}blocked/",
        "/admin/clients/user/",
        "/admin/clients/tag/",
        "/admin/clients/tag/add/",
        "/admin/auth/group/",
        "/admin/auth/group/add/",
        f"/admin/auth/group/{Group.objects.get(name='Auditor').pk}/delete/",
        f"/admin/clients/user/{page.operator.pk}/change/",  # type: ignore[attr-defined]
    ):
        page.goto(address)
        look_everywhere(page)
    assert console_errors == []


def test_no_diagnosis_has_a_finding_or_an_overflow(
    open_as: Open, ann: Client, console_errors: list[str]
) -> None:
    page = open_as()
    for name, address in diagnoses(ann):
        page.goto(address)
        assert page.locator("[data-test=diagnosis]").get_attribute("data-verdict") == name
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        look_everywhere(page)
    assert console_errors == []


def diagnoses(ann: Client) -> Iterator[tuple[str, str]]:
    """A page to open, what to run, a form beside links, a moment that is over, nothing wrong."""
    address = page_of(ann, "settings/")
    providers = SmsProvider.objects.filter(name="main")
    SmsProvider.objects.create(caption="Main", name="main", backend="sandbox", enabled=True)
    yield "twofa.locked", address
    VerificationState.objects.all().delete()
    with time_machine.travel(timezone.now() - timedelta(seconds=40)):
        people.sent_code(ann.user)
    yield "sms.queue_stalled", address
    at = timezone.now()
    providers.update(
        credentials_result="problem",
        credentials_cause="sms.credentials_rejected",
        credentials_checked_at=at,
    )
    SmsMessage.objects.update(state="failed", cause="sms.credentials_rejected", finished_at=at)
    yield "sms.credentials_rejected", address
    providers.update(credentials_result="ok", credentials_cause="")
    SmsMessage.objects.update(state="delivered", cause="", converted_at=at)
    Challenge.objects.update(consumed_at=at - timedelta(minutes=9), expires_at=at)
    SendRequest.objects.all().delete()
    reference = Challenge.objects.get().public_reference
    yield "ok", f"{address}?at={reference}"
    yield "ok", address


def test_the_diagnosis_is_worked_by_keyboard(
    open_as: Open, ann: Client, console_errors: list[str]
) -> None:
    SmsProvider.objects.create(caption="Main", name="main", backend="sandbox", enabled=True)
    page = open_as()
    page.goto(page_of(ann, "settings/"))
    for summary in page.locator(".diagnosis summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    assert page.locator(
        "[data-test=timeline], .part >> text=Nothing in the last"
    ).first.is_visible()
    page.locator("[data-test=diagnose-again]").focus()
    reached: list[str] = []
    while "copy-ticket" not in reached and len(reached) < 40:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.test ?? ''"))
    assert {"act-unlock", "ticket-text", "copy-ticket"} <= set(reached)
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Copied").wait_for()
    page.locator("[data-test=act-unlock]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/two-factor/unlock/")
    assert console_errors == []


def test_the_menu_of_a_small_screen_opens_and_closes(open_as: Open) -> None:
    page = open_as(viewport={"width": 375, "height": 800})
    page.goto("/admin/")
    menu = page.get_by_role("button", name="Menu")
    navigation = page.get_by_role("navigation", name="Back Office")
    assert not navigation.is_visible()
    menu.click()
    assert navigation.is_visible()
    assert menu.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not navigation.is_visible()


def test_filters_are_menus(open_as: Open, ann: Client) -> None:
    page = open_as()
    page.goto(LIST)
    page.get_by_text("Status", exact=True).first.click()
    page.get_by_role("link", name="Blocked", exact=True).click()
    assert page.get_by_text("Nothing matches.").is_visible()
    page.get_by_role("link", name="Clear filters").click()
    assert page.get_by_role("link", name="Ann Lee", exact=False).first.is_visible()
