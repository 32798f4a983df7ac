"""A phone number as its holder writes it, to be looked over before a code confirms it."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat

from twofa import country_names
from twofa.numbers import country_of


@dataclass(frozen=True, slots=True)
class PhoneWords:
    international: str  # +33 6 12 34 56 78
    national: str  # 06 12 34 56 78
    country: str  # in the present language; "" for a number of no country


def phone_words(number: str) -> PhoneWords:
    """`number`: E.164."""
    parsed, country = phonenumbers.parse(number), country_of(number)
    return PhoneWords(
        international=phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
        national=phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        country=country_names.name_of(country) if country else "",
    )
