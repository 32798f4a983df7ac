"""The catalogues hold what clients read, translated as a whole, and compiled."""

import gettext
import re
from typing import Any

import pytest
from babel.messages.catalog import Message

from backoffice.development.catalogues import catalogues

LANGUAGES = ("fr", "es", "de", "ru", "ar")
# Complete, and to stay so. Whoever translates a language adds it here.
TRANSLATED: tuple[str, ...] = ("fr", "es", "ru", "de", "ar")

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}")
_TAG = re.compile(r"</?\w[^>]*>")


def messages(language: str) -> list[Message]:
    return [message for message in catalogues.read(language) if message.id]


def texts(of: Any) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)


def name(message: Message) -> str:
    return texts(message.id)[0]


def test_every_language_of_the_settings_has_a_catalogue() -> None:
    assert catalogues.languages() == LANGUAGES
    assert all(catalogues.po_file(language).exists() for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryCatalogue:
    def test_it_holds_what_the_sources_mark_for_clients(self, language: str) -> None:
        """When this fails: `make messages`."""
        marked = {(m.context, texts(m.id)) for m in catalogues.marked() if m.id}
        held = {(m.context, texts(m.id)) for m in messages(language)}
        assert held == marked

    def test_it_is_compiled(self, language: str) -> None:
        """When this fails: `make messages`, and commit the .mo too."""
        with catalogues.po_file(language).with_suffix(".mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        for message in messages(language):
            if message.fuzzy or not all(texts(message.string)):
                continue
            said = [
                compiled._catalog.get(key)  # type: ignore[attr-defined]  # nothing else lists it
                for key in _keys(message)
            ]
            assert said == list(texts(message.string)), name(message)

    def test_what_is_translated_keeps_placeholders_and_elements(self, language: str) -> None:
        wrong = [name(message) for message in messages(language) if _differs(message)]
        assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED or [pytest.param("", marks=pytest.mark.skip)])
class TestATranslatedLanguage:
    def test_nothing_is_left_out_or_fuzzy(self, language: str) -> None:
        assert catalogues.missing(catalogues.read(language)) == []

    def test_each_plural_has_every_form_of_the_language(self, language: str) -> None:
        catalog = catalogues.read(language)
        counted = [message for message in catalog if message.pluralizable]
        assert counted
        assert {len(message.string or ()) for message in counted} == {catalog.num_plurals}


def _keys(message: Message) -> list[Any]:
    key = f"{message.context}\x04{name(message)}" if message.context else name(message)
    forms = texts(message.string)
    return [(key, number) for number in range(len(forms))] if message.pluralizable else [key]


def _differs(message: Message) -> bool:
    """A form of a plural may be without one placeholder: many languages say "one" in a word."""
    originals, translations = texts(message.id), [one for one in texts(message.string) if one]
    wanted, elements = _found(_PLACEHOLDER, originals[-1]), _found(_TAG, originals[-1])
    for translation in translations:
        lost = [one for one in wanted if one not in translation]
        added = set(_found(_PLACEHOLDER, translation)) - set(wanted)
        if added or len(lost) > bool(message.pluralizable) or _found(_TAG, translation) != elements:
            return True
    return False


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    return sorted(pattern.findall(text))
