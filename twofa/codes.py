"""Six-digit codes: made, read from what people type, compared."""

import hashlib
import hmac
import secrets
import unicodedata
from uuid import UUID

from backoffice.common.encryption import derive_key
from twofa.vocabulary import Malformed

DIGITS = 6
# Far more than a code with any spaces and dashes; what is longer is not even read.
LONGEST_TYPED = 64
# Arabic-Indic and Persian digits, as phones of those languages type them.
_TO_ASCII = {first + value: str(value) for first in (0x0660, 0x06F0) for value in range(10)}


def new_code() -> str:
    """Uniform over 000000 to 999999, from the system's secure source."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def normalise(text: str) -> str | Malformed:
    """Six ASCII digits, or why there are none in what was typed."""
    if len(text) > LONGEST_TYPED:
        return Malformed.TOO_MANY
    typed = without_separators(text).translate(_TO_ASCII)
    if not typed:
        return Malformed.EMPTY
    if not (typed.isascii() and typed.isdigit()):
        return Malformed.NOT_DIGITS
    if len(typed) != DIGITS:
        return Malformed.TOO_FEW if len(typed) < DIGITS else Malformed.TOO_MANY
    return typed


def without_separators(text: str) -> str:
    """Drop spaces, dashes of all kinds, and the invisible marks that a copied text brings along.

    Only horizontal ones of Unicode: categories Zs, Pd and Cf, with tab and line ends.
    """
    return "".join(
        symbol
        for symbol in text
        if symbol not in "\t\r\n\N{MINUS SIGN}"
        and unicodedata.category(symbol) not in {"Zs", "Pd", "Cf"}
    )


def digest(code: str, *, challenge_id: UUID) -> str:
    """Recognises a dead code once the code itself is blanked; worthless without DATA_KEYS."""
    key = derive_key("twofa code digest")
    return hmac.new(key, challenge_id.bytes + code.encode(), hashlib.sha256).hexdigest()


def equal(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
