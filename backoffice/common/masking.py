"""What operators, logs and pages may see of a number or an address."""

import re

import phonenumbers

# Seven digits and more, also URL-encoded; not the digits within a UUID or another word.
_LONG_DIGITS = re.compile(
    r"(?:\+|%2B|(?<![0-9A-Za-z-]))\d(?:[ ().-]{0,2}\d){6,}(?![0-9A-Za-z-])", re.IGNORECASE
)
# The 256 random bits of a link in an e-mail, where they stand in an address.
_LINK_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{43}(?=/|$|[^A-Za-z0-9_-])")
DOTS = "••"


def mask_phone(number: str) -> str:
    """`+33 6 12 34 56 78` becomes `+33••78`: the country code and the last two digits."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < 6:
        return DOTS
    try:
        code = str(phonenumbers.parse(f"+{digits}").country_code)
    except phonenumbers.NumberParseException:
        code = digits[:2]
    return f"+{code}{DOTS}{digits[-2:]}"


def phone_ending(number: str) -> str:
    """`••78`: what the owner of a number recognises and nobody else learns from."""
    return f"{DOTS}{re.sub(r'[^0-9]', '', number)[-2:]}"


def mask_email(email: str) -> str:
    """`ann.lee@example.com` becomes `a••@example.com`."""
    name, _, host = email.partition("@")
    return f"{name[:1]}{DOTS}@{host}" if host else DOTS


def redact_numbers(text: str) -> str:
    """Replace whatever could be a phone number or a code of seven digits and more by dots."""
    return _LONG_DIGITS.sub(DOTS, text)


def redact_link_tokens(text: str) -> str:
    """Who reads `/password/<token>/` in a log could follow the link himself."""
    return _LINK_TOKEN.sub(DOTS, text)
