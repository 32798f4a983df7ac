"""The occasions on which an SMS is written, each registered by the app that knows it.

What is filled in is opaque here: an app replaces the placeholders itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from smsproviders.vocabulary import Words

# Of the built-in texts; every kind has one in it.
LAST_RESORT = "en"

CODE = "%CODE%"
BRAND = "%BRAND%"
PLACEHOLDERS = (CODE, BRAND)


class Example(Protocol):
    def __call__(self, text: str, *, longest: bool = False) -> str:
        """The whole message that becomes of a text, with an example of what is filled in.

        `longest`: with the longest values that may ever be filled in.
        """


@dataclass(frozen=True, slots=True)
class TextKind:
    """`built_in`: the text by language, in lower case."""

    purpose: str
    words: Words
    occasion: Words
    built_in: Mapping[str, str]
    example: Example


class UnknownPurpose(KeyError):
    """No app registered texts for that purpose."""


_kinds: dict[str, TextKind] = {}


def register(kind: TextKind) -> TextKind:
    if kind.purpose in _kinds:
        raise ValueError(f"the texts for {kind.purpose} are registered twice")
    if LAST_RESORT not in kind.built_in:
        raise ValueError(f"{kind.purpose} has no built-in text in {LAST_RESORT}")
    _kinds[kind.purpose] = kind
    return kind


def all_kinds() -> list[TextKind]:
    return list(_kinds.values())


def get(purpose: str) -> TextKind:
    try:
        return _kinds[purpose]
    except KeyError:
        raise UnknownPurpose(purpose) from None


def languages() -> list[str]:
    """Those that a person can have here."""
    return [code.lower() for code, _name in settings.LANGUAGES]


def nearest(language: str) -> list[str]:
    """The language itself, then the one that it is a variant of: pt-br, pt."""
    exact = language.lower().replace("_", "-")
    return list(dict.fromkeys([exact, exact.split("-")[0]]))
