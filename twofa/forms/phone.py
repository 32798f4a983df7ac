"""The number for SMS confirmation."""

from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from twofa.forms.page_form import PageForm
from twofa.numbers import NumberProblem, read

EXAMPLE = "+33 6 12 34 56 78"
PROBLEMS: dict[NumberProblem, str | Promise] = {
    NumberProblem.NOT_A_NUMBER: gettext_lazy(
        "This is not a phone number. It has digits, and may begin with a plus."
    ),
    NumberProblem.NEEDS_COUNTRY_CODE: gettext_lazy(
        "The country code is missing. Write the number like %(example)s."
    ),
    NumberProblem.UNKNOWN_COUNTRY_CODE: gettext_lazy(
        "No country has this code. Check the digits after the plus; a number looks like "
        "%(example)s."
    ),
    NumberProblem.TOO_SHORT: gettext_lazy("Some digits are missing. Check the number."),
    NumberProblem.TOO_LONG: gettext_lazy("These are too many digits. Check the number."),
    NumberProblem.NOT_VALID: gettext_lazy(
        "No phone can have this number. Check it digit by digit, with the country code."
    ),
}


class NumberField(forms.CharField):
    """Cleans to E.164. `country`: that of a number without a country code; "" for none."""

    country = ""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        found = read(text, country=self.country)
        if isinstance(found, NumberProblem):
            example = {"example": example_of(self.country)}
            raise ValidationError(str(PROBLEMS[found]), code=found.value, params=example)
        return found


class PhoneForm(PageForm):
    """`country`: two letters, or "". A number without a country code is read as one of there."""

    phone = NumberField(
        label=gettext_lazy("Mobile number"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": gettext_lazy("Enter your mobile number.")},
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["phone"]
        if isinstance(field, NumberField):
            field.country = country
        field.help_text = _("With the country code, for example %(number)s.") % {
            "number": example_of(country)
        }


def example_of(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return EXAMPLE
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
