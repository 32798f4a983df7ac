"""A language in which every string that went through gettext is seen: ⟦…⟧ where the catalogues
for clients hold it, or Django's own; ⟪…⟫ where it is marked, but none of the clients' strings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.utils.translation import trans_real

from backoffice.development.catalogues import catalogues

LANGUAGE = "fr"  # its place is taken, since the profile's language must be one of the settings
_CONTEXT_END = "\x04"


class Pseudo:
    def __init__(self, real: Any) -> None:
        self._known = {
            (message.context, text)
            for message in catalogues.marked()
            if message.id
            for text in _texts(message.id)
        }
        self._real = real

    def gettext(self, text: str) -> str:
        context, _, words = text.rpartition(_CONTEXT_END)
        ours = (context or None, words) in self._known
        return f"⟦{words}⟧" if ours or self._real.gettext(text) != text else f"⟪{words}⟫"

    def ngettext(self, one: str, more: str, count: int) -> str:
        return self.gettext(one if count == 1 else more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _texts(of: Any) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)


@contextmanager
def spoken() -> Iterator[None]:
    real = trans_real.DjangoTranslation(LANGUAGE)
    with mock.patch.dict(trans_real._translations, {LANGUAGE: Pseudo(real)}):
        yield
