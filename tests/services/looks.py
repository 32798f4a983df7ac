"""A page in a browser as people see it: narrow and wide, light and dark. Nothing that axe finds,
nothing that sticks out of the window."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that look at colours: the others find the same in every colour scheme."""

WIDTHS = (1280, 320)
HEIGHT = 900

# Only what is broken comes back, not the thousand elements that are right.
_RUN = """runOnly => axe.run({runOnly, resultTypes: ["violations"]}).then(
    results => results.violations.map(one => [one.id, one.nodes[0].html]))"""


@cache
def _axe() -> str:
    return str(Axe().axe_script)


def findings(page: "Page", rules: Sequence[str] = RULES) -> list[list[str]]:
    """Each rule that is broken, with the first element that breaks it.

    `rules`: their ids, or tags of them.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe())
    found: list[list[str]] = page.evaluate(_RUN, list(rules))
    return found


def look(page: "Page", rules: Sequence[str] = RULES) -> None:
    """In the window as it is."""
    window = f"{page.url}, {page.viewport_size}"
    assert findings(page, rules) == [], window
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), window


def look_everywhere(page: "Page", widths: Sequence[int] = WIDTHS) -> None:
    """At each width, light and dark. The window stays at the last width, light: what is pressed
    next is pressed there."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        # Reduced motion, else a colour is judged on its way to the other.
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        look(page, OF_COLOURS)
        page.emulate_media(color_scheme="light")
        look(page)
