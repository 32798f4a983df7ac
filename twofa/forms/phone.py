"""The number for SMS confirmation."""

from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.formfields import PhoneNumberField
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from twofa.forms.page_form import PageForm

EXAMPLE = "+33 6 12 34 56 78"


class PhoneForm(PageForm):
    """`country`: two letters, or "". A number without a country code is read as one of there."""

    phone = PhoneNumberField(
        label=gettext_lazy("Mobile number"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        error_messages={
            "required": gettext_lazy("Enter your mobile number."),
            "invalid": gettext_lazy(
                "This is not a complete phone number. Write it with the country code."
            ),
        },
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["phone"]
        if isinstance(field, PhoneNumberField):
            field.region = country or None
        field.help_text = _("With the country code, for example %(number)s.") % {
            "number": _example(country)
        }


def _example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return EXAMPLE
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
