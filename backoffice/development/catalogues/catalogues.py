"""`backoffice/locale/<language>/LC_MESSAGES/django.po`, and the compiled `.mo` beside each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

from backoffice.development.catalogues.extracting import Message, messages_of
from backoffice.development.catalogues.sources import ROOT, SOURCES

LOCALE = ROOT / "backoffice" / "locale"
# In place of the moment of writing, which would make two equal catalogues differ.
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def languages() -> tuple[str, ...]:
    """Those that are translated into; the texts themselves are English."""
    return tuple(code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def marked() -> Catalog:
    """Every client's string of the sources, in the order of the sources, without translations."""
    catalog = Catalog()
    for message in _marked():
        catalog.add(
            (message.text, message.plural) if message.plural else message.text,
            context=message.context or None,
            locations=[(message.path, 1)],
        )
    return catalog


def _marked() -> Iterator[Message]:
    for source in SOURCES:
        yield from messages_of(source)


def read(language: str) -> Catalog:
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """Write the language's file anew: what is marked, with the translations that it has.

    One whose English text changed a little keeps its translation as *fuzzy*, to be looked through.
    """
    catalog = read(language)
    catalog.update(marked(), update_creation_date=False)
    catalog.fuzzy = False
    written = BytesIO()
    write_po(
        written, catalog, width=0, omit_header=True, include_lineno=False, ignore_obsolete=True
    )
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_header(catalog) + written.getvalue())
    return read(language)


def compile_one(language: str) -> None:
    """Of a plural all forms or none: a page must not mix its words with English."""
    catalog = read(language)
    for message in [one for one in catalog if not all(_strings(one.string))]:
        catalog.delete(message.id, message.context)
    catalog.creation_date = catalog.revision_date = _UNDATED
    with po_file(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)


def missing(catalog: Catalog) -> list[str]:
    """The texts without a whole translation of their own."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]


def _strings(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


def _header(catalog: Catalog) -> bytes:
    """Without names and dates: git knows them."""
    lines = (
        "# The clients' words. How to translate them: docs/translating.md",
        'msgid ""',
        'msgstr ""',
        f'"Language: {catalog.locale_identifier}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {catalog.plural_forms}\\n"',
        "",
        "",
    )
    return "\n".join(lines).encode()
