"""The first page in a real browser: contrast, names, content policy, small screens, keyboard."""

import pytest

from tests.backoffice import busy_days
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST, OUT = "/admin/", "/admin/clients/client/not-back-yet/"


@pytest.mark.parametrize("is_busy", [True, False])
def test_it_has_no_finding_an_overflow_or_a_refused_style(
    open_as: Open, console_errors: list[str], is_busy: bool
) -> None:
    if is_busy:
        busy_days.all_of_it()
    page = open_as()
    for place in (FIRST, OUT):
        page.goto(place)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        look_everywhere(page, widths=(1280, 900, 320))
    assert console_errors == []


def test_no_word_of_the_funnel_is_cut_on_a_small_screen(open_as: Open) -> None:
    busy_days.all_of_it()
    page = open_as(viewport={"width": 320, "height": 900})
    page.goto(FIRST)
    cells = page.locator(".stages dt, .stages dd")
    assert cells.count() == 16
    for cell in cells.all():
        assert cell.evaluate("one => one.scrollWidth <= one.clientWidth"), cell.inner_text()


def test_the_tables_behind_the_pictures_open_by_keyboard(open_as: Open) -> None:
    busy_days.all_of_it()
    page = open_as(viewport={"width": 1280, "height": 900})
    page.goto(FIRST)
    table = page.locator("[data-test=codes-table] table").first
    assert not table.is_visible()
    page.locator("[data-test=codes-table] summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
