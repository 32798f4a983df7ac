"""What an operator may not have thought of: nothing here stops a text from being used."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from smsproviders.text_encoding import is_gsm, measure
from smsproviders.text_kinds import BRAND, CODE, TextKind

# More characters than these beyond the GSM alphabet: a script of its own, no slip.
A_SCRIPT = 8
# What a locked phone shows of a message, roughly.
SEEN_WHILE_LOCKED = 40
URL = re.compile(r"(?:https?://|www\.)\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}\b")
OTHER_NUMBER = re.compile(r"(?<![\w%])\d{4,8}(?![\w%])")
# What word processors put in place of a plain character.
PLAIN = {
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{GRAVE ACCENT}": "'",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{LATIN SMALL LIGATURE OE}": "oe",
}


def hints(kind: TextKind, text: str, *, language: str) -> list[str]:
    return [
        *_of_encoding(kind, text, language),
        *_of_direction(text, language),
        *_of_placeholders(text),
        *_of_addresses(text),
    ]


def _of_encoding(kind: TextKind, text: str, language: str) -> Iterator[str]:
    beyond = measure(kind.example(text)).beyond
    if _is_written_beyond_gsm(kind, language, beyond):
        return
    for one in beyond[:A_SCRIPT]:
        words = (
            _("%(character)s makes it 70 characters a segment instead of 160%(instead)s.")
            if one in text
            else _("In the name of the service, %(character)s makes it 70 characters a segment.")
        )
        yield words % {"character": _quoted(one), "instead": _instead(one)}


def _is_written_beyond_gsm(kind: TextKind, language: str, beyond: Sequence[str]) -> bool:
    """A language of another script, where UCS-2 is no slip."""
    built_in = kind.built_in.get(language)
    return not is_gsm(built_in) if built_in else len(beyond) > A_SCRIPT


def _of_direction(text: str, language: str) -> Iterator[str]:
    """Phones write a line from the side that its first letter begins at."""
    if not runs_from_the_right(language):
        return
    first = next((one for one in _letters(text)), "")
    if first not in {"R", "AL"}:
        yield _(
            "Begin with a word in this language, before %(brand)s: the first letter decides from "
            "which side a phone writes the message."
        ) % {"brand": BRAND}


def _of_placeholders(text: str) -> Iterator[str]:
    if text.find(CODE) > SEEN_WHILE_LOCKED:
        yield _("A locked phone shows the beginning only: put %(code)s there.") % {"code": CODE}
    if BRAND not in text:
        yield _("Without %(brand)s the message does not say who it is from.") % {"brand": BRAND}


def _of_addresses(text: str) -> Iterator[str]:
    for found in URL.findall(text):
        words = _("Mobile networks filter messages with links: better leave out “%(link)s”.")
        yield words % {"link": found}
    for found in OTHER_NUMBER.findall(text):
        yield _("A phone may take “%(number)s” for the code.") % {"number": found}


def runs_from_the_right(language: str) -> bool:
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:
        return False


def _letters(text: str) -> Iterator[str]:
    """The directions of what has one; %BRAND% counts as Latin, %CODE% as the digits it becomes."""
    for one in text.replace(CODE, "").replace(BRAND, "x"):
        direction = unicodedata.bidirectional(one)
        if direction in {"L", "R", "AL"}:
            yield direction


def _quoted(character: str) -> str:
    shown = character if character.isprintable() and not character.isspace() else ""
    return f"“{shown}”" if shown else unicodedata.name(character, f"U+{ord(character):04X}")


def _instead(character: str) -> str:
    """The plain character that could stand there, when there is one."""
    base = unicodedata.normalize("NFKD", character)[:1]
    plain = PLAIN.get(character) or (base if base != character and is_gsm(base) else "")
    if not plain:
        return ""
    if plain == " ":
        return _("; an ordinary space does not")
    return _("; “%(plain)s” does not") % {"plain": plain}
