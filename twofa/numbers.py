"""What the rules of sending need to know of a phone number."""

import phonenumbers
from phonenumbers import PhoneNumberType

LAST_DIGITS = 4


def country_of(number: str) -> str:
    """Two letters, or "" for a number of no country.

    A number that the plan does not assign yet counts for the country that leads its calling code.
    """
    parsed = _parse(number)
    if parsed is None:
        return ""
    region = phonenumbers.region_code_for_number(
        parsed
    ) or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return "" if region in {"001", "ZZ"} else region


def takes_sms(number: str) -> bool:
    """False for what is no number, and for a landline.

    Only the type FIXED_LINE is refused: North America tells mobile and landline apart nowhere.
    """
    parsed = _parse(number)
    return (
        parsed is not None
        and phonenumbers.is_possible_number(parsed)
        and phonenumbers.number_type(parsed) != PhoneNumberType.FIXED_LINE
    )


def prefix_of(number: str) -> str:
    """The number without its last four digits: numbers farmed for pumping lie side by side."""
    return number[:-LAST_DIGITS]


def _parse(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
