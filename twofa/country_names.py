"""Names of countries in the languages of the pages, as CLDR has them (`country_names.json`).

From Unicode CLDR 47, under the Unicode licence; the Babel of the development packages carries it,
but for the short names, as people look for them: Hong Kong, Macao, Palestine.
"""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from phonenumbers import country_code_for_region

from twofa.direction import left_to_right

_FILE = Path(__file__).with_name("country_names.json")


def name_of(country: str) -> str:
    """`country`: two letters. In the present language, else in English; the letters if unknown."""
    language = (get_language() or "en").partition("-")[0]
    names = _names()
    return names.get(language, {}).get(country) or names["en"].get(country, country)


def choices_of(countries: Iterable[str]) -> list[tuple[str, str]]:
    """For a list to choose from: "France (+33)", by name."""
    named = sorted((_key(name_of(country)), country) for country in set(countries))
    return [(country, f"{name_of(country)} ({_calling_code(country)})") for _, country in named]


def _calling_code(country: str) -> str:
    return left_to_right(f"+{country_code_for_region(country)}")


def _key(name: str) -> str:
    """É among E, as readers look for it."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def _names() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found
