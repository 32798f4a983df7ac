"""The caller's pages in a real browser, of operator and client: nothing that axe finds, no script
needed, 320 pixels wide, light and dark."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from clients.models import Client
from tests.backoffice import books, windows
from tests.backoffice.books import own_code, page_of, with_both_factors
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere
from tests.twofa import callers
from tests.twofa.people import PASSWORD, app_code
from twofa import approvals, desk_requests
from twofa.models import Authenticator, CallerCheck, DeskRequest, VerificationState
from twofa.vocabulary import CallerProof, OperatorAct

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.services.browser import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
open_as = windows.open_as


@pytest.fixture
def ann() -> Client:
    ann = with_both_factors(books.client(phone="+33612345678", country="FR"))
    ann.user.set_password(PASSWORD)
    ann.user.save()
    return ann


@pytest.fixture
def visit(visitors: "Visitors", open_as: Open) -> Callable[..., "Page"]:
    """`open_as` makes cookies work without TLS."""
    return visitors.open


def at(page: "Page", address: str) -> None:
    page.goto(address)
    look_everywhere(page)


def press(page: "Page", mark: str) -> None:
    page.locator(f"[data-test={mark}]").click()


def test_the_operators_pages(open_as: Open, ann: Client, console_errors: list[str]) -> None:
    page = open_as("Security desk")
    desk = page.operator  # type: ignore[attr-defined]
    support = callers.support()
    callers.identified(ann.user, support)
    asked = desk_requests.ask(
        ann.user, OperatorAct.DISABLE_SMS, operator=support, reason="The number is another's"
    )
    assert isinstance(asked, DeskRequest)
    done = desk_requests.ask(ann.user, OperatorAct.UNLOCK, operator=support, reason="Locked")
    assert isinstance(done, DeskRequest)
    desk_requests.decline(done, operator=desk, reason="Not locked any more")
    Authenticator.objects.filter(user=ann.user).update(drift_steps=10)
    callers.allowed(ann.user)
    at(page, page_of(ann, "settings/"))
    at(page, page_of(ann, "caller/approval/"))
    page.select_option("[name=act]", "unlock")
    press(page, "confirm-approval")
    look_everywhere(page)
    approvals.answer(
        approvals.pending(ann.user, at=timezone.now())[0].pk,
        approved=True,
        proof=CallerProof.LINK,
    )
    at(page, page_of(ann, "settings/"))
    at(page, page_of(ann, "two-factor/resynchronise/"))
    at(page, "/admin/clients/client/requests/")
    at(page, f"/admin/clients/client/requests/{asked.pk}/decline/")
    at(page, page_of(ann, "two-factor/temporary-code/"))
    page.fill("[name=reason]", "Phone lost")
    page.check("[name=identified]")
    page.fill("[name=code]", own_code(desk))
    press(page, "confirm-temporary-code")
    page.locator("[data-test=temporary-code]").wait_for()
    look_everywhere(page)
    assert console_errors == []


def test_the_pages_of_the_first_line(open_as: Open, ann: Client, console_errors: list[str]) -> None:
    page = open_as("Support")
    VerificationState.objects.create(
        user=ann.user, failures=5, locked_until=timezone.now() + timedelta(minutes=10)
    )
    at(page, page_of(ann, "two-factor/unlock/"))
    press(page, "identify-first")
    page.locator("[data-test=caller-pin]").wait_for()
    look_everywhere(page)
    page.fill("[data-test=caller-pin]", "12")
    page.keyboard.press("Enter")
    page.get_by_text("A support PIN has six digits").wait_for()
    press(page, "ask-disable_sms")
    page.get_by_text("The Security desk is asked").wait_for()
    look_everywhere(page)
    at(page, "/admin/clients/client/requests/")
    assert console_errors == []


def test_the_clients_pages(
    visit: Callable[..., "Page"],
    ann: Client,
    console_errors: list[str],
) -> None:
    page = visit()
    device = Authenticator.objects.get(user=ann.user)
    desk = callers.support("d@example.com")
    _, link = callers.asked_to_approve(ann.user, desk)
    callers.allowed(ann.user)
    page.goto("/sign-in/")
    page.fill("[name=email]", ann.user.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[data-test=two-codes-step]").wait_for()
    look_everywhere(page)
    page.fill("[name=first]", "123456")
    page.fill("[name=second]", "654321")
    page.keyboard.press("Enter")
    page.locator("[data-test=error]").first.wait_for()
    look_everywhere(page)
    at(page, "/sign-in/other/")
    at(page, "/sign-in/support-code/")
    at(page, "/approve/nonsense/")
    at(page, link)
    press(page, "approve")
    page.locator("[data-test=approval-state]").wait_for()
    look_everywhere(page)
    assert CallerCheck.objects.get(operator=desk).proof == CallerProof.LINK_AND_PASSWORD
    page.goto("/sign-in/resynchronise/")
    page.fill("[name=first]", app_code(device, steps=9))
    page.fill("[name=second]", app_code(device, steps=10))
    page.keyboard.press("Enter")
    page.locator("[data-test=show-support-pin]").wait_for()
    look_everywhere(page)
    press(page, "show-support-pin")
    page.locator("[data-test=support-pin]").wait_for()
    look_everywhere(page)
    assert [one for one in console_errors if "/approve/nonsense/" not in one] == []


def test_from_the_pin_on_one_screen_to_the_chip_on_the_other_without_a_script(
    open_as: Open, visit: Callable[..., "Page"], ann: Client
) -> None:
    client = visit(java_script_enabled=False)
    client.goto("/sign-in/")
    client.fill("[name=email]", ann.user.email)
    client.fill("[name=password]", PASSWORD)
    client.keyboard.press("Enter")
    client.fill("[name=code]", app_code(Authenticator.objects.get(user=ann.user)))
    client.keyboard.press("Enter")
    press(client, "show-support-pin")
    pin = client.locator("[data-test=support-pin]").inner_text()
    operator = open_as("Support", java_script_enabled=False)
    operator.goto(page_of(ann, "settings/"))
    operator.fill("[data-test=caller-pin]", pin)
    press(operator, "identify")
    assert operator.locator("[data-test=caller-check]").is_visible()
    assert operator.url.endswith("#caller")
