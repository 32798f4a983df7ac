"""The settings of System > Settings: declared by each app, validated, read on access.

An app declares a setting once, at module level, and reads it where the rule stands::

    TRIES = integer("tries", group=CODES, default=5, low=1, high=20, label=…, help=…)
    if state.failures >= TRIES(): …
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from backoffice.policy import stored

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

T = TypeVar("T")
Words: TypeAlias = "str | _StrPromise"


class UnknownSetting(KeyError):
    """No app declares a setting of that key."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting. `field` makes the form field that parses, validates and shows its value.

    `to_json` and `from_json` turn the field's clean value into what is stored and back.
    """

    key: str
    group: Words
    label: Words
    help: Words
    default: T
    field: Callable[[], forms.Field]
    to_json: Callable[[T], Any]
    from_json: Callable[[Any], T]
    to_text: Callable[[T], str]

    def __call__(self) -> T:
        """The value in force."""
        values = stored.values()
        return self.from_json(values[self.key]) if self.key in values else self.default

    def clean(self, text: str) -> T:
        """The value that the text means; ValidationError with the reason when it means none."""
        value: T = self.field().clean(text)
        return value

    def form_field(self) -> forms.Field:
        field = self.field()
        field.label = self.label
        field.help_text = self.help
        field.required = False
        return field


_settings: dict[str, Setting[Any]] = {}


def register(setting: Setting[T]) -> Setting[T]:
    if setting.key in _settings:
        raise ValueError(f"the setting {setting.key} is declared twice")
    _settings[setting.key] = setting
    return setting


def all_settings() -> list[Setting[Any]]:
    return list(_settings.values())


def get(key: str) -> Setting[Any]:
    try:
        return _settings[key]
    except KeyError:
        raise UnknownSetting(key) from None


__all__ = ["Setting", "UnknownSetting", "ValidationError", "all_settings", "get", "register"]
