"""What of a page or a text is in no language but English: the words outside of ⟦…⟧."""

import re
from html.parser import HTMLParser

SPOKEN_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "data-waiting", "data-done"}
# Names, codes, times and what else is the same in every language, by what the pages mark it with.
DATA_TAGS = {"script", "style", "svg", "time", "bdi", "code", "option"}
DATA_TESTS = {"reference", "recovery-code", "totp-key", "support-pin", "signed-in"}
VOID = {"input", "link", "meta", "br", "img", "hr", "path", "circle"}
DATA = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S+|••\d+|\bR-[A-Z0-9]+"
    r"|\b(?:UTC|SMS|Back Office|Firefox|Android|iPhone|Ann|Olga|Dora Desk|France)\b"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_FOREIGN = re.compile(r"⟪[^⟫]*⟫")


def in_text(text: str, *, data: tuple[str, ...] = ()) -> list[str]:
    """The lines with English words, and the strings that belong to no client's source."""
    foreign = _FOREIGN.findall(text)
    rest = _outside(_FOREIGN.sub("", text))
    for known in data:
        rest = rest.replace(known, "")
    lines = (line.strip() for line in DATA.sub("", rest).splitlines())
    return foreign + [line for line in lines if _WORD.search(line)]


def in_page(html: str) -> list[str]:
    page = _Page(html)
    found = in_text("\n".join(page.texts))
    return found + [one for text in page.attributes for one in in_text(text)]


def _outside(text: str) -> str:
    """Translated sentences may hold elements, and so stand in several pieces of text."""
    depth, kept = 0, []
    for sign in text:
        depth += sign == "⟦"
        kept.append(sign if depth == 0 or sign == "\n" else "")
        depth -= sign == "⟧"
    assert depth == 0
    return "".join(kept)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.attributes: list[str] = []
        self._open: list[bool] = []  # of each element, whether it holds data
        self.feed(html)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        self.attributes += [given[name] for name in SPOKEN_ATTRIBUTES & given.keys()]
        if tag not in VOID:
            # The name of a language, or what somebody wrote.
            own = tag != "html" and ("lang" in given or given.get("dir") == "auto")
            data = own or tag in DATA_TAGS or given.get("data-test") in DATA_TESTS
            self._open.append(data or any(self._open[-1:]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        # Marks count even within data: a sentence may begin before an element and end in it.
        shown = data if not any(self._open[-1:]) else "".join(re.findall("[⟦⟧]", data))
        self.texts.append(" ".join(shown.split()))
