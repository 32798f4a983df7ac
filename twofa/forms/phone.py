"""The number for SMS confirmation: what is wrong with it is told here, before anything is sent."""

from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from twofa import country_names
from twofa.direction import left_to_right
from twofa.forms.page_form import PageForm
from twofa.numbers import NumberProblem, country_of, is_landline, read
from twofa.policy_keys import ALLOWED_COUNTRIES

EXAMPLE = "+33 6 12 34 56 78"
PROBLEMS: dict[NumberProblem, str | Promise] = {
    NumberProblem.NOT_A_NUMBER: gettext_lazy(
        "This is not a phone number. It has digits, and may begin with a plus."
    ),
    NumberProblem.NEEDS_COUNTRY_CODE: gettext_lazy(
        "Choose the country, or write the number with its country code, like %(example)s."
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


_LANDLINE = gettext_lazy(
    "This is the number of a landline, which takes no text messages. Enter the number of a mobile "
    "phone, or use an authenticator app."
)
_NOT_SERVED = gettext_lazy(
    "We send no codes to this country: %(country)s. Use an authenticator app, which works "
    "everywhere."
)


class NumberField(forms.CharField):
    """Cleans to E.164. `country`: that of a number without a country code; "" for none."""

    country = ""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        found = read(text, country=self.country)
        if isinstance(found, NumberProblem):
            example = {"example": left_to_right(example_of(self.country))}
            raise ValidationError(str(PROBLEMS[found]), code=found.value, params=example)
        return found


class PhoneForm(PageForm):
    """`country`: that of the client, two letters, or "".

    A number without a country code is read as one of the country that is chosen; one that has a
    code is of its own country, whatever is chosen.
    """

    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"invalid_choice": gettext_lazy("Choose a country of the list.")},
    )
    phone = NumberField(
        label=gettext_lazy("Mobile number"),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "dir": "ltr"}
        ),
        error_messages={"required": gettext_lazy("Enter your mobile number.")},
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        served = country_names.choices_of(ALLOWED_COUNTRIES())
        choice = self.fields["country"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [("", _("Choose a country")), *served]
        choice.initial = country if country in ALLOWED_COUNTRIES() else ""
        self._read_as(country)
        self.fields["phone"].help_text = _hint(str(choice.initial))

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"]
        if country:
            self._read_as(country)
        return country

    def clean_phone(self) -> str:
        """What no message could reach, or may be sent to; the sending asks all this again."""
        number: str = self.cleaned_data["phone"]
        country = country_of(number)
        if is_landline(number):
            raise ValidationError(str(_LANDLINE), code="landline")
        if country not in ALLOWED_COUNTRIES():
            name = {"country": country_names.name_of(country) or number}
            raise ValidationError(str(_NOT_SERVED), code="not_served", params=name)
        return number

    def _place_focus(self) -> None:
        """The number is what is typed, also where the country stands above it."""
        super()._place_focus()
        attributes = self.fields["country"].widget.attrs
        if not self.errors.get("country") and attributes.pop("autofocus", None):
            self.fields["phone"].widget.attrs["autofocus"] = True

    def _read_as(self, country: str) -> None:
        field = self.fields["phone"]
        if isinstance(field, NumberField):
            field.country = country


def example_of(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return EXAMPLE
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _hint(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return _("With the country code, for example %(number)s.") % {
            "number": left_to_right(EXAMPLE)
        }
    return _("For example %(national)s, or with the country code %(international)s.") % {
        "national": left_to_right(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)),
        "international": left_to_right(example_of(country)),
    }
