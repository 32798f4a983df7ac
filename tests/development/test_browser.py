"""The ground of the browser tests: a real page, its console heard, its cookies kept."""

from typing import TYPE_CHECKING

import pytest
from django.contrib.contenttypes.models import ContentType

from tests.services.browser import Visitors

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_page_of_the_running_site_is_shown(page: "Page") -> None:
    answer = page.goto("/health/live")
    assert answer is not None
    assert answer.status == 200


def test_complaints_of_the_console_are_collected(page: "Page", console_errors: list[str]) -> None:
    page.goto("/health/live")
    page.evaluate("console.error('torn')")
    page.wait_for_timeout(50)
    assert any("torn" in error for error in console_errors)


def names_of_cookies(page: "Page") -> list[str | None]:
    return [cookie.get("name") for cookie in page.context.cookies()]


def test_visitors_do_not_share_their_cookies(visitors: Visitors) -> None:
    client, operator = visitors.open(), visitors.open()
    for page in (client, operator):
        page.goto("/health/live")
    client.context.add_cookies([{"name": "of", "value": "client", "url": client.url}])
    assert "of" in names_of_cookies(client)
    assert "of" not in names_of_cookies(operator)


def test_the_database_can_be_used_beside_the_page(page: "Page") -> None:
    page.goto("/health/live")
    assert ContentType.objects.exists()
