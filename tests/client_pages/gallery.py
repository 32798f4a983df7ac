"""`make screenshots`: every client page, wide and narrow, light and dark, and in Arabic.

Not collected with the tests; run by its path.
"""

from typing import TYPE_CHECKING, Any

import pytest

from tests.client_pages.all_states import all_states
from tests.client_pages.visits import answer_of
from tests.client_pages.window import opened
from tests.services import gallery
from tests.services.gallery import CLIENTS, Painter, Picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.timeout(1800)]
COLOURS = 16


def test_the_clients_pages(browser: "Browser", settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    states = [state for state in all_states() if not state.is_further]
    pictures = [Picture(state.group, state.title, state.name) for state in states]
    window = opened(browser)
    painter = Painter(browser, pictures, colours=COLOURS)
    for state in states:
        for language in dict.fromkeys(look.language for look in CLIENTS):
            page = window.show(answer_of(state, language=language))
            for look in CLIENTS:
                if look.language == language:
                    painter.paint(page, state.name, look)
    gallery.write("clients", pictures, CLIENTS)
