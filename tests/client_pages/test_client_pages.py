"""Every client page: found by the list of states, light enough, and open to everybody.

`make accessibility` looks at every state in every scheme; here each page is looked at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from tests.client_pages import findings
from tests.client_pages.all_states import all_states
from tests.client_pages.visits import Answer, answer_of
from tests.client_pages.weights import MOST_BYTES, MOST_REQUESTS, weight_of
from tests.client_pages.window import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# No test here touches the database, but pytest-django makes it only for who says so.
pytestmark = pytest.mark.django_db(transaction=True)
PAGES = Path(settings.BASE_DIR) / "templates" / "twofa"
LANGUAGES = ("en", "en", "ar")  # by turns
SCHEMES = ("light", "dark")
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def answers(django_db_setup: None, django_db_blocker: Any) -> list[Answer]:
    """Of each page in its first state, for all tests here: nothing of it stays in the database."""
    first = [state for state in all_states() if not state.is_further]
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK):
        made = [
            answer_of(state, language=LANGUAGES[number % len(LANGUAGES)])
            for number, state in enumerate(first)
        ]
        # The browser, once open, has a connection of its own in this thread.
        connections.close_all()
    return made


def test_every_page_is_among_them(answers: list[Answer]) -> None:
    shown = {name for answer in answers for name in answer.templates}
    pages = {f"twofa/{path.name}" for path in PAGES.glob("[!_]*.html")}
    mails = {"twofa/notice.html"}
    assert pages - mails - shown == set()


def test_every_page_is_light(answers: list[Answer]) -> None:
    """Under 30 KB and four requests, to a browser that was never here; none of another host."""
    for answer in answers:
        weight = weight_of(answer)
        assert weight.total < MOST_BYTES, (answer.state.name, weight)
        assert weight.requests <= MOST_REQUESTS, (answer.state.name, weight)
        assert weight.foreign == [], answer.state.name
        assert "no-store" in answer.headers.get("Cache-Control", "no-store")


@pytest.mark.browser
def test_no_page_keeps_anybody_out(answers: list[Answer], browser: "Browser") -> None:
    """axe, targets, no scrolling sideways, the focus on the fault; a clean console."""
    window = opened(browser)
    faults: dict[str, list[str]] = {}
    for number, answer in enumerate(answers):
        window.look(scheme=SCHEMES[number % 2], width=320)
        page = window.show(answer)
        found = [
            *findings.focus_not_moved(page),
            *findings.spoken_twice(page),
            *findings.small_targets(page),
            *findings.sideways(page),
            *findings.axe(page),
            *window.complaints,
        ]
        window.complaints.clear()
        if found:
            faults[answer.state.name] = found
    window.page.context.close()
    assert faults == {}


@pytest.mark.browser
def test_forced_colours_and_less_motion_hide_nothing(
    answers: list[Answer], browser: "Browser"
) -> None:
    """A QR code stays black on white, the present page stays marked, and nothing breathes."""
    by_name = {answer.state.name: answer for answer in answers}
    window = opened(browser, forced_colors="active", reduced_motion="reduce", color_scheme="dark")
    page = window.show(by_name["authenticator-enrol"])
    assert _style(page, ".qr", "backgroundColor") == "rgb(255, 255, 255)"
    here, others = ".top nav [aria-current]", ".top nav a:not([aria-current])"
    assert _style(page, here, "borderBottomColor") != _style(page, others, "borderBottomColor")
    page = window.show(by_name["code-delayed"])
    bars = ".track i:nth-child(1)", ".track i:nth-child(3)"
    assert len({_style(page, bar, "backgroundColor") for bar in bars}) == 2
    assert _style(page, bars[0], "animationName") == "none"
    window.page.context.close()


def _style(page: "Page", selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate(f"one => getComputedStyle(one).{name}"))
