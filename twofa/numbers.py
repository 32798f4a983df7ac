"""What the rules of sending need to know of a phone number, and reading one that was typed."""

from enum import Enum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

from smsproviders.prefixes import prefix_of

__all__ = ["NumberProblem", "country_of", "is_landline", "is_usable", "prefix_of", "read"]


class NumberProblem(Enum):
    """Why what was typed is no number that a message could be sent to."""

    NOT_A_NUMBER = "not_a_number"
    NEEDS_COUNTRY_CODE = "needs_country_code"
    UNKNOWN_COUNTRY_CODE = "unknown_country_code"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_VALID = "not_valid"  # of the right length, but no network has it


_WHEN_READ = {
    NumberParseException.NOT_A_NUMBER: NumberProblem.NOT_A_NUMBER,
    NumberParseException.TOO_SHORT_AFTER_IDD: NumberProblem.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: NumberProblem.TOO_SHORT,
    NumberParseException.TOO_LONG: NumberProblem.TOO_LONG,
}
_WHEN_WEIGHED = {
    ValidationResult.TOO_SHORT: NumberProblem.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: NumberProblem.TOO_SHORT,  # without its area code
    ValidationResult.TOO_LONG: NumberProblem.TOO_LONG,
}


def read(text: str, *, country: str) -> str | NumberProblem:
    """The number in E.164, however it was written: `country` is that of one without a code.

    Spaces, dots, dashes, brackets, `tel:`, `(0)` behind the code, 00 for the plus and the digits of
    other scripts are understood.
    """
    found = _read(text, country)
    if isinstance(found, NumberProblem) and text.strip().startswith("00"):
        # The plus as one dials it; some countries dial another, and have no number that begins so.
        other = _read(f"+{text.strip()[2:]}", "")
        found = found if isinstance(other, NumberProblem) and country else other
    return found


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


def is_usable(number: str, *, new: bool) -> bool:
    """Whether it can be a number at all. `new`: being enrolled, it must be one of a network.

    A number that is on already may be of a range that our copy of the plans does not know yet.
    """
    parsed = _parse(number)
    if parsed is None:
        return False
    return (phonenumbers.is_valid_number if new else phonenumbers.is_possible_number)(parsed)


def is_landline(number: str) -> bool:
    """Only the type FIXED_LINE: North America tells mobile and landline apart nowhere."""
    parsed = _parse(number)
    return parsed is not None and (phonenumbers.number_type(parsed) == PhoneNumberType.FIXED_LINE)


def _read(text: str, country: str) -> str | NumberProblem:
    try:
        number = phonenumbers.parse(text, country or None)
    except NumberParseException as error:
        return _WHEN_READ.get(error.error_type) or _no_country(text)
    if phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    reason = phonenumbers.is_possible_number_with_reason(number)
    return _WHEN_WEIGHED.get(reason, NumberProblem.NOT_VALID)


def _no_country(text: str) -> NumberProblem:
    """No code, and no country to suppose; or a code that nobody has."""
    has_code = phonenumbers.normalize_diallable_chars_only(text).startswith("+")
    return NumberProblem.UNKNOWN_COUNTRY_CODE if has_code else NumberProblem.NEEDS_COUNTRY_CODE


def _parse(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None
