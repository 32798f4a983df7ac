"""When the stored secret must be typed again: a change would show it to somebody else.

Without this, whoever may edit the settings could have it sent to a server or a phone of his own.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from smsproviders.backends.generic_http import templates
from smsproviders.backends.generic_http.placeholders import Placeholder, names_in

ADDRESSES = ("url", "balance_url")
TEXTS = ("template", "headers")


def secrets_to_retype(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Another host, or %SECRET% in a text that changed: it might stand in the message itself."""
    places = {_place(before, name) for name in ADDRESSES}
    elsewhere = any(_place(after, name) not in places for name in ADDRESSES if after.get(name))
    moved = any(
        _shows_secret(_text(after, name)) and _lines(after, name) != _lines(before, name)
        for name in TEXTS
    )
    return frozenset({"secret"}) if elsewhere or moved else frozenset()


def _shows_secret(text: str) -> bool:
    """Also where JSON writes the sign % in another way."""
    names = names_in(text)
    with suppress(ValidationError):
        names |= templates.of_json(text).names
    return Placeholder.SECRET in names


def _place(settings: Mapping[str, Any], name: str) -> tuple[str, str]:
    url = _text(settings, name)
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme, parts.netloc.lower()


def _lines(settings: Mapping[str, Any], name: str) -> list[str]:
    """A browser ends its lines in another way than they are stored."""
    return [line.rstrip() for line in _text(settings, name).strip().splitlines()]


def _text(settings: Mapping[str, Any], name: str) -> str:
    return str(settings.get(name) or "")
