"""Browser windows of operators who passed both steps of the door."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client as Browser

from tests.backoffice.books import desk
from tests.services.browser import Visitors

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]


@pytest.fixture
def open_as(visitors: Visitors, settings: Any) -> Open:
    """A window of an operator of that group, who passed both steps of the door."""
    settings.SESSION_COOKIE_NAME = "session"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.CSRF_COOKIE_NAME = "csrf"

    def open_window(group: str = "Administrator", **options: Any) -> "Page":
        browser = Browser()
        operator = desk(browser, group)
        page = visitors.open(**options)
        key = str(browser.session.session_key)
        page.context.add_cookies([{"name": "session", "value": key, "url": visitors.address}])
        page.operator = operator  # type: ignore[attr-defined]
        return page

    return open_window
