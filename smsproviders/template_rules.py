"""What is wrong with a text of an operator, and what he may not have thought of."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from smsproviders.policy_keys import SEGMENTS_MAX
from smsproviders.text_encoding import Measure, measure
from smsproviders.text_kinds import CODE, PLACEHOLDERS, TextKind

PLACEHOLDER = re.compile(r"%[^\W\d]\w*%")
# The marks of writing in scripts that join or run from the right; all else invisible is refused.
JOINERS_AND_MARKS = frozenset("\u200c\u200d\u200e\u200f\u061c")
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Fault(StrEnum):
    """Why a text cannot work."""

    EMPTY = "empty"
    NO_CODE = "no_code"
    CODE_TWICE = "code_twice"
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"
    LAST_LINE = "last_line"
    INVISIBLE = "invisible"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Problem:
    fault: Fault
    words: str


def cleaned(text: str) -> str:
    """As it is kept: letters with their accents as one character, which GSM-7 often has; no stray
    spaces at the ends of lines."""
    text = unicodedata.normalize("NFC", text).replace("\t", " ")
    return "\n".join(line.rstrip() for line in re.split(r"\r\n|\r|\n", text)).strip()


def problems(kind: TextKind, text: str) -> list[Problem]:
    """Why the text cannot be used; nothing when it can."""
    if not text.strip():
        return [Problem(Fault.EMPTY, _("The text is empty: clients would get no code."))]
    found = [*_of_placeholders(text), *_of_lines(text), *_of_characters(text)]
    return found or list(_of_length(measure(kind.example(text, longest=True))))


def _of_placeholders(text: str) -> Iterator[Problem]:
    found = PLACEHOLDER.findall(text)
    times = found.count(CODE)
    if times > 1:
        words = _("%(code)s stands in the text %(times)d times: leave it in once.")
        yield Problem(Fault.CODE_TWICE, words % {"code": CODE, "times": times})
    for name in dict.fromkeys(found):
        if name not in PLACEHOLDERS:
            words = _("%(name)s is not known. There are %(known)s, in capitals.")
            known = {"name": name, "known": ", ".join(PLACEHOLDERS)}
            yield Problem(Fault.UNKNOWN_PLACEHOLDER, words % known)
    if not times:
        words = _("The text has no %(code)s. Write it where the code is to stand.")
        yield Problem(Fault.NO_CODE, words % {"code": CODE})


def _of_lines(text: str) -> Iterator[Problem]:
    for line in text.split("\n"):
        if line.lstrip().startswith("@"):
            words = _(
                "Leave out the line “%(line)s”: the line that browsers and phones read is added to "
                "every text."
            )
            yield Problem(Fault.LAST_LINE, words % {"line": line.strip()})


def _of_characters(text: str) -> Iterator[Problem]:
    for one in dict.fromkeys(text):
        if one == "\n" or one in JOINERS_AND_MARKS or unicodedata.category(one) not in INVISIBLE:
            continue
        words = _("The text holds an invisible character, %(name)s: delete it.")
        yield Problem(Fault.INVISIBLE, words % {"name": _named(one)})


def _of_length(size: Measure) -> Iterator[Problem]:
    most = SEGMENTS_MAX()
    if size.segments <= most:
        return
    holds = size.encoding.alone if most == 1 else size.encoding.joined * most
    over = max(size.units - holds, 1)
    words = ngettext(
        "The message takes %(segments)d segments, and System > Settings allows %(most)d: shorten "
        "it by %(over)d character. Counted with the longest name that the service can have.",
        "The message takes %(segments)d segments, and System > Settings allows %(most)d: shorten "
        "it by %(over)d characters. Counted with the longest name that the service can have.",
        over,
    )
    facts = {"segments": size.segments, "most": most, "over": over}
    yield Problem(Fault.TOO_LONG, words % facts)


def _named(character: str) -> str:
    """U+202E RIGHT-TO-LEFT OVERRIDE"""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
