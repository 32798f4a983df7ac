"""A provider's own words, fit to be kept and shown: they may quote what they refuse."""

import re
from collections.abc import Iterable

from backoffice.common.masking import DOTS

WORDS_LENGTH = 300
# A code has six digits or so; a provider's error codes stand in a field of their own.
_DIGITS = re.compile(r"\d[\d \-().]{2,}\d")


def redacted(text: str, *, private: Iterable[str]) -> str:
    """The text without the private parts, and without any run of digits that could be a code."""
    for part in sorted(filter(None, private), key=len, reverse=True):
        text = text.replace(part, DOTS)
    return _DIGITS.sub(DOTS, printable(text))[:WORDS_LENGTH]


def printable(text: str) -> str:
    """Without what PostgreSQL cannot store (NUL, half a surrogate pair) or a terminal obeys."""
    return "".join(one for one in text if one.isprintable())
