"""The look of every form: label, hint, error and field, tied together for screen readers."""

from typing import Any

from django import forms
from django.forms.utils import ErrorList


class FieldErrors(ErrorList):
    template_name = "twofa/_errors.html"


class PageForm(forms.Form):
    """Errors are told by our own pages, in words and in the page's language, not by the browser."""

    template_name = "twofa/_form.html"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, error_class=FieldErrors, **kwargs)
        for field in self.fields.values():
            field.template_name = "twofa/_field.html"

    @property
    def faulty_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.errors]
