"""The way back in a real browser, of client and operator. The client needs no script; in the
operator's pages axe finds nothing. The client's are judged with all the others."""

from typing import TYPE_CHECKING

import pytest

from tests.backoffice import books, windows
from tests.backoffice.books import with_both_factors
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere
from tests.twofa import lost
from tests.twofa.people import PASSWORD
from twofa import lost_device_desk
from twofa.models import SupportRequest
from twofa.models.support_request import RequestState

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.services.browser import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
open_as = windows.open_as
LOST = "/admin/clients/client/lost-devices/"


def at(page: "Page", address: str) -> None:
    page.goto(address)
    look_everywhere(page, (320,))


def press(page: "Page", mark: str) -> None:
    page.locator(f"[data-test={mark}]").click()


def test_a_client_asks_an_operator_looks_and_the_client_stops_it(
    open_as: Open, visitors: "Visitors", console_errors: list[str]
) -> None:
    ann = with_both_factors(books.client())
    ann.user.set_password(PASSWORD)
    ann.user.save()
    desk = open_as("Security desk")
    page = visitors.open(java_script_enabled=False)
    page.goto("/sign-in/")
    page.fill("[name=email]", ann.user.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/verify/")
    page.goto("/sign-in/other/")
    press(page, "way-lost")
    press(page, "lost-ask")
    number = page.locator("[data-test=lost-number]").inner_text()
    request = SupportRequest.objects.get(number=number)

    at(desk, LOST)
    press(desk, "lost-row")
    press(desk, "take")
    desk.locator("[data-test=take]").wait_for(state="detached")
    for ticked in (0, 1):
        desk.locator("[name=note]").first.fill("Seen")
        desk.locator("[data-test=tick]").first.click()
        desk.locator("[data-test=untick]").nth(ticked).wait_for()
    look_everywhere(desk)
    lost.ripe(request)
    desk.reload()
    press(desk, "switch-off")
    desk.locator("[data-test=act-form]").wait_for()
    operator = desk.operator  # type: ignore[attr-defined]
    lost_device_desk.ask_more(request, operator=operator, question="Which town?")

    mail = visitors.open(java_script_enabled=False)
    mail.goto(lost.link(ann.user))
    mail.fill("[name=reply]", "Lyon")
    press(mail, "lost-reply")
    mail.locator("[data-state=taken]").wait_for()
    press(mail, "lost-not-me")
    mail.locator("[data-state=denied]").wait_for()
    at(desk, f"{LOST}{request.pk}/")
    desk.locator("[data-test=lost-denied]").wait_for()
    page.goto("/sign-in/lost/")
    page.locator("[data-test=closed-until]").wait_for()
    request.refresh_from_db()
    assert request.state == RequestState.DENIED
    assert console_errors == []
