"""Kinds of fields that the settings of a gateway are made of."""

from typing import Any

from django import forms

from smsproviders.backends.generic_http.paths import parse_path


class UsualText(forms.CharField):
    """Left out or empty it is what it begins with: a command need not say what is usual."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.initial


class UsualChoice(forms.ChoiceField):
    """As `UsualText`."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.initial


class Lines(forms.CharField):
    """A text of several lines, with one kind of line end wherever it was written."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return "\n".join(line.rstrip() for line in (super().to_python(value) or "").splitlines())


class UsualLines(UsualText, Lines):
    pass


class Path(forms.CharField):
    """Where something stands in JSON; kept as it was written."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text:
            parse_path(text)
        return text


class UsualPath(UsualText, Path):
    pass


def text_area(rows: int, example: str = "") -> forms.Textarea:
    """In signs of one width, as all that is code."""
    attributes = {
        "rows": rows,
        "placeholder": example,
        "class": "code-lines",
        "spellcheck": "false",
    }
    return forms.Textarea(attrs=attributes)
