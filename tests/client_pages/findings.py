"""What is wrong with the page that a window shows, in words that name the element."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.services import looks

if TYPE_CHECKING:
    from playwright.sync_api import Page

TARGET = 44  # CSS pixels, of WCAG 2.5.5
_, _, QUESTIONS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").partition("\n")


def _ask(page: "Page", question: str, value: object = None) -> Any:
    return page.evaluate(f"(value) => {QUESTIONS.strip()}.{question}(value ?? undefined)", value)


def axe(page: "Page") -> list[str]:
    """Rules of WCAG 2.2 AA, and of good practice, that a program can see broken."""
    return [f"{rule}: {element[:160]}" for rule, element in looks.findings(page)]


def small_targets(page: "Page") -> list[str]:
    """What is pressed and is less than 44 px wide or high, links in sentences left out."""
    return _words(page, "small", TARGET)


def sideways(page: "Page") -> list[str]:
    """What has to be scrolled sideways, the page or a part of it."""
    return _words(page, "sideways")


def lost_at_double_size(page: "Page") -> list[str]:
    """What is cut off or sticks out when text is twice as large."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = list(dict.fromkeys(_words(page, "cut") + _words(page, "sideways")))
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def focus_not_moved(page: "Page") -> list[str]:
    """The fault of a form that was refused, where it has no focus.

    The browser moves it with the first picture of the page, a moment after it was loaded.
    """
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return _words(page, "unfocused")


def spoken_twice(page: "Page") -> list[str]:
    """Live regions inside of live regions."""
    return _words(page, "nested")


def wrong_focus_order(page: "Page") -> list[str]:
    """By keyboard from the top: everything once, in the order of the page, seen and with a ring."""
    wanted = _words(page, "stops")
    _ask(page, "toTheTop")
    reached: list[str] = []
    found: list[str] = []
    for _ in wanted:
        page.keyboard.press("Tab")
        one = _ask(page, "focused")
        if one is None:
            break
        reached.append(one["words"])
        found += [] if one["hasRing"] else [f"{one['words']} has no ring"]
        found += [] if one["isSeen"] else [f"{one['words']} is out of sight"]
    if reached != wanted:
        found.append(f"{reached} instead of {wanted}")
    return found


def _words(page: "Page", question: str, value: object = None) -> list[str]:
    answer: list[str] = _ask(page, question, value)
    return answer
