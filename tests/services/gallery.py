"""`make screenshots`: small pictures of pages in docs/screenshots, and the page that shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.services.small_png import smaller

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Page

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER, PAGE = DOCS / "screenshots", DOCS / "gallery.md"
TALLEST = 1400
# Until a colour that changes slowly has changed, and times are in the reader's zone.
SETTLED_MS = 450


@dataclass(frozen=True, slots=True)
class Look:
    """`title`: as the gallery names it. `is_whole`: the page, not only its first screen."""

    suffix: str
    title: str
    width: int
    height: int
    scheme: str = "light"
    language: str = "en"
    is_whole: bool = False


DESK = (Look("", "1280 px", 1280, 860), Look("-dark", "1280 px, dark", 1280, 860, "dark"))
PHONE = (
    Look("-phone", "375 px", 375, 780, is_whole=True),
    Look("-phone-dark", "375 px, dark", 375, 780, "dark"),
)
ARABIC = (Look("-arabic", "375 px, Arabic", 375, 780, language="ar"),)
CLIENTS, OPERATORS = (*DESK, *PHONE, *ARABIC), (*DESK, PHONE[0])


@dataclass(frozen=True, slots=True)
class Picture:
    """What the gallery says of a page; the files are `name` with the suffix of each look."""

    group: str
    title: str
    name: str


class Painter:
    """Makes files of what windows show. Old files of this part are removed first."""

    def __init__(self, browser: "Browser", pictures: Iterable[Picture], *, colours: int) -> None:
        self._counter, self._colours = browser.new_page(), colours
        FOLDER.mkdir(exist_ok=True)
        for picture in pictures:
            for look in (*CLIENTS, *OPERATORS):
                (FOLDER / f"{picture.name}{look.suffix}.png").unlink(missing_ok=True)

    def paint(self, page: "Page", name: str, look: Look) -> None:
        page.set_viewport_size({"width": look.width, "height": look.height})
        page.emulate_media(color_scheme=look.scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(SETTLED_MS)
        taken = page.screenshot(full_page=look.is_whole, clip=_clip(page, look))
        small = smaller(self._counter, taken, colours=self._colours)
        (FOLDER / f"{name}{look.suffix}.png").write_bytes(small)


def _clip(page: "Page", look: Look) -> "FloatRect | None":
    if not look.is_whole:
        return None
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    return {"x": 0, "y": 0, "width": look.width, "height": max(look.height, min(height, TALLEST))}


def write(part: str, pictures: Sequence[Picture], looks: Sequence[Look]) -> None:
    """Between the marks of that part of the page."""
    begin, end = f"<!-- {part}: make screenshots -->", f"<!-- end of {part} -->"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _old, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"{PAGE.name} has no marks for {part}")
    lines: list[str] = []
    group = ""
    for picture in pictures:
        if picture.group != group:
            group = picture.group
            lines += [f"### {group}", ""]
        lines += [f"**{picture.title}**", "", *(_image(picture, look) for look in looks), ""]
    PAGE.write_text(f"{before}{begin}\n\n" + "\n".join(lines) + f"{end}{after}", encoding="utf-8")


def _image(picture: Picture, look: Look) -> str:
    shown = 330 if look.width > 1000 else 120
    file = f"screenshots/{picture.name}{look.suffix}.png"
    words = f"{picture.group}: {picture.title}, {look.title}"
    return f'<a href="{file}"><img src="{file}" width="{shown}" alt="{words}"></a>'
