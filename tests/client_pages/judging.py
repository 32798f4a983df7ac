"""A page judged in each scheme: light, dark, and right to left."""

from dataclasses import dataclass, field
from enum import Enum

from tests.client_pages import findings
from tests.client_pages.visits import State, answer_of
from tests.client_pages.weights import Weight, weight_of
from tests.client_pages.window import Window

WIDE, NARROW = 1280, 320


class Scheme(Enum):
    """`language` and `colours` of the browser."""

    LIGHT = ("light", "en", "light")
    DARK = ("dark", "en", "dark")
    RIGHT_TO_LEFT = ("right to left", "ar", "light")

    def __init__(self, title: str, language: str, colours: str) -> None:
        self.title, self.language, self.colours = title, language, colours


@dataclass
class Judged:
    """Per check: what is wrong, each with the scheme and the width that it was seen in."""

    state: State
    weight: Weight
    found: dict[str, list[str]] = field(default_factory=dict)
    by_scheme: dict[Scheme, int] = field(default_factory=dict)

    def note(self, check: str, where: str, words: list[str]) -> None:
        self.found.setdefault(check, []).extend(f"{where}: {one}" for one in words)

    @property
    def faults(self) -> list[str]:
        return [f"{check}, {one}" for check, words in self.found.items() for one in words]


def judge(window: Window, state: State, *, schemes: tuple[Scheme, ...] = tuple(Scheme)) -> Judged:
    """Everything that can be seen of this state in these schemes."""
    judged = None
    for language in dict.fromkeys(scheme.language for scheme in schemes):
        answer = answer_of(state, language=language)
        judged = judged or Judged(state, weight_of(answer))
        first, *others = (one for one in schemes if one.language == language)
        window.look(scheme=first.colours, width=WIDE)
        page = window.show(answer)
        judged.note("focus", first.title, findings.focus_not_moved(page))
        judged.note("spoken twice", first.title, findings.spoken_twice(page))
        judged.note("order", first.title, findings.wrong_focus_order(page))
        judged.note("double size", first.title, findings.lost_at_double_size(page))
        for scheme in (first, *others):
            _look(window, judged, scheme)
        judged.note("console", first.title, window.complaints)
        window.complaints.clear()
    assert judged is not None
    return judged


def _look(window: Window, judged: Judged, scheme: Scheme) -> None:
    judged.by_scheme[scheme] = 0
    for width in (WIDE, NARROW):
        where = f"{scheme.title}, {width} px"
        window.look(scheme=scheme.colours, width=width)
        broken = findings.axe(window.page)
        judged.by_scheme[scheme] += len(broken)
        judged.note("axe", where, broken)
        judged.note("targets", where, findings.small_targets(window.page))
        judged.note("sideways", where, findings.sideways(window.page))
