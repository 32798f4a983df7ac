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
    # Off while a problem above the form takes the focus.
    takes_focus = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["error_class"] = FieldErrors
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.template_name = field.template_name or "twofa/_field.html"  # type: ignore[attr-defined]  # missing in the stubs

    def get_context(self) -> dict[str, Any]:
        self._place_focus()
        return super().get_context()

    def _place_focus(self) -> None:
        """On the first field with an error, else on the first field."""
        names = list(self.fields)
        first = next((name for name in names if self.errors.get(name)), names[0])
        for name, field in self.fields.items():
            field.widget.attrs.pop("autofocus", None)
            if self.takes_focus and name == first:
                field.widget.attrs["autofocus"] = True
