"""The types a setting can have. Each returns a declared setting; `Setting()` reads it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backoffice.policy.registry import Setting, Words, register


def integer(
    key: str, *, group: Words, label: Words, help: Words, default: int, low: int, high: int
) -> Setting[int]:
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=default,
            field=lambda: forms.IntegerField(min_value=low, max_value=high),
            to_json=int,
            from_json=int,
            to_text=str,
        )
    )


def money(
    key: str, *, group: Words, label: Words, help: Words, default: str, high: int
) -> Setting[Decimal]:
    """An amount from 0 up, exact to a hundredth of a cent; which currency, the label says."""
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=Decimal(default),
            field=lambda: forms.DecimalField(min_value=0, max_value=high, decimal_places=4),
            to_json=_plain,
            from_json=Decimal,
            to_text=_plain,
        )
    )


def _plain(amount: Decimal) -> str:
    """One writing for one amount: neither 5.00 nor 1E+2."""
    return format(amount.normalize(), "f")


def switch(key: str, *, group: Words, label: Words, help: Words, default: bool) -> Setting[bool]:
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=default,
            field=SwitchField,
            to_json=bool,
            from_json=bool,
            to_text=lambda value: "on" if value else "off",
        )
    )


def text(
    key: str, *, group: Words, label: Words, help: Words, default: str, length: int = 100
) -> Setting[str]:
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=default,
            field=lambda: forms.CharField(max_length=length),
            to_json=str,
            from_json=str,
            to_text=str,
        )
    )


def lines(
    key: str,
    *,
    group: Words,
    label: Words,
    help: Words,
    default: Sequence[str],
    most: int,
    length: int,
) -> Setting[tuple[str, ...]]:
    """Sentences, one in a line; at least one, at most `most`, each of at most `length` letters."""
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=tuple(default),
            field=lambda: LinesField(most=most, length=length),
            to_json=list,
            from_json=tuple,
            to_text="\n".join,
        )
    )


def integers(
    key: str,
    *,
    group: Words,
    label: Words,
    help: Words,
    default: Sequence[int],
    low: int,
    high: int,
) -> Setting[tuple[int, ...]]:
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=tuple(default),
            field=lambda: IntegersField(low=low, high=high),
            to_json=list,
            from_json=tuple,
            to_text=lambda values: ",".join(map(str, values)),
        )
    )


def words(
    key: str,
    *,
    group: Words,
    label: Words,
    help: Words,
    default: Sequence[str],
    allowed: Iterable[str],
) -> Setting[tuple[str, ...]]:
    """Some of a closed set of words, such as countries or methods, written as a comma list."""
    choices = frozenset(allowed)
    return register(
        Setting(
            key=key,
            group=group,
            label=label,
            help=help,
            default=tuple(default),
            field=lambda: WordsField(allowed=choices),
            to_json=list,
            from_json=tuple,
            to_text=",".join,
        )
    )


class SwitchField(forms.TypedChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("on", _("on")), ("off", _("off"))],
            coerce=lambda value: value == "on",
            **kwargs,
        )


class _ListField(forms.CharField):
    """A comma list; spaces do not matter, an empty list is a value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def parts(self, value: Any) -> list[str]:
        return [part.strip() for part in str(value or "").split(",") if part.strip()]


class LinesField(forms.CharField):
    """Empty lines and spaces around a line do not matter."""

    widget = forms.Textarea(attrs={"rows": 5})

    def __init__(self, *, most: int, length: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.most, self.length = most, length

    def clean(self, value: Any) -> Any:
        found = tuple(filter(None, (line.strip() for line in str(value or "").splitlines())))
        if not found:
            raise ValidationError(_("Write at least one line."))
        if len(found) > self.most:
            raise ValidationError(_("At most %(most)d lines."), params={"most": self.most})
        if any(len(line) > self.length for line in found):
            raise ValidationError(
                _("At most %(length)d letters in a line."), params={"length": self.length}
            )
        return found


class IntegersField(_ListField):
    def __init__(self, *, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.one = forms.IntegerField(min_value=low, max_value=high)

    def clean(self, value: Any) -> Any:
        parts = self.parts(value)
        if not parts:
            raise ValidationError(_("Give at least one number."))
        return tuple(self.one.clean(part) for part in parts)


class WordsField(_ListField):
    def __init__(self, *, allowed: frozenset[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by_folded = {word.casefold(): word for word in allowed}

    def clean(self, value: Any) -> Any:
        parts = self.parts(value)
        unknown = [part for part in parts if part.casefold() not in self.by_folded]
        if unknown:
            raise ValidationError(
                _("Not known: %(unknown)s."), params={"unknown": ", ".join(unknown)}
            )
        return tuple(dict.fromkeys(self.by_folded[part.casefold()] for part in parts))
