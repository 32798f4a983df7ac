"""`make accessibility`: every client page in every state and scheme, into docs/accessibility.md.

Not collected with the tests; run by its path. Fails on any finding, which the page then names.
"""

from typing import TYPE_CHECKING, Any

import pytest

from tests.client_pages import report
from tests.client_pages.all_states import all_states
from tests.client_pages.judging import judge
from tests.client_pages.window import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.timeout(1800)]


def test_every_state_in_every_scheme(browser: "Browser", settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    window = opened(browser)
    judged = [judge(window, state) for state in all_states()]
    window.page.context.close()
    report.write(judged)
    assert [f"{one.state.name}: {fault}" for one in judged for fault in one.faults] == []
