"""The number for SMS confirmation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from twofa.forms.page_form import PageForm


class PhoneForm(PageForm):
    phone = PhoneNumberField(
        label=_("Mobile number"),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "autofocus": True}
        ),
        error_messages={
            "required": _("Enter your mobile number."),
            "invalid": _(
                "This is not a complete phone number. Write it with the country code, "
                "for example +33 6 12 34 56 78."
            ),
        },
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["phone"]
        field.region = country or None  # type: ignore[attr-defined]  (of phonenumber_field)
        field.help_text = _("With the country code, for example +33 6 12 34 56 78.")
