"""A language in which every string that went through gettext is seen: ⟦…⟧ where the catalogues
for clients hold it, or Django's own; ⟪…⟫ where it is marked, but none of the clients' strings."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

from django.utils.translation import trans_real

from backoffice.development.catalogues import catalogues

LANGUAGE = "fr"  # its place is taken, since the profile's language must be one of the settings
_CONTEXT_END = "\x04"


class Pseudo:
    def __init__(self, real: Any) -> None:
        self._real = real

    def gettext(self, text: str) -> str:
        return _marked(text, is_djangos=self._real.gettext(text) != text)

    def ngettext(self, one: str, more: str, count: int) -> str:
        is_djangos = self._real.ngettext(one, more, count) not in {one, more}
        return _marked(one if count == 1 else more, is_djangos=is_djangos)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _marked(text: str, *, is_djangos: bool) -> str:
    context, _, words = text.rpartition(_CONTEXT_END)
    known = is_djangos or (context or None, words) in _clients()
    return f"⟦{words}⟧" if known else f"⟪{words}⟫"


@cache
def _clients() -> frozenset[tuple[str | None, str]]:
    marked = (message for message in catalogues.marked() if message.id)
    return frozenset((one.context, text) for one in marked for text in _texts(one.id))


def _texts(of: Any) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)


@contextmanager
def spoken() -> Iterator[None]:
    real = trans_real.DjangoTranslation(LANGUAGE)
    known = trans_real._translations  # type: ignore[attr-defined]
    with mock.patch.dict(known, {LANGUAGE: Pseudo(real)}):
        yield
