"""Time-based codes (RFC 6238): SHA-1, 30 s, six digits. Pure functions; nothing is stored here.

A code is accepted one step around the present, no further. Far outside it a code may be matched
only to explain why it is refused (`explain`).
"""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django_otp.oath import hotp

from twofa.codes import DIGITS, equal

STEP = timedelta(seconds=30)
WINDOW = 1
SEED_BYTES = 20  # 160 bits (RFC 4226, section 4)

# To explain: a clock that runs ahead or behind, in steps …
EXPLAIN_STEPS = 20
# … or that was set by hand to another zone: whole quarter-hours, two steps around each.
QUARTER_STEPS = 30
QUARTERS = 14 * 4
QUARTER_SLACK = 2


@dataclass(frozen=True, slots=True)
class Match:
    step: int
    offset: int  # steps ahead of our clock; negative: behind


def new_seed() -> str:
    """A shared secret, as base32 without padding."""
    return base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()


def uri(seed: str, *, account: str, issuer: str) -> str:
    """What the QR picture holds (Google's Key URI format)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    facts = {"secret": seed, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": 30}
    return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // int(STEP.total_seconds())


def code_at(seed: str, step: int) -> str:
    return f"{hotp(base64.b32decode(seed), step, digits=DIGITS):0{DIGITS}d}"


def matches(seed: str, code: str, *, at: datetime) -> list[Match]:
    """The steps of the window at which the code fits, the present first; mostly one or none.

    All of them are computed, whatever was found, so that time tells nothing.
    """
    offsets = sorted(range(-WINDOW, WINDOW + 1), key=abs)
    return list(_fitting(seed, code, around=step_at(at), offsets=offsets))


def explain(seed: str, code: str, *, at: datetime) -> Match | None:
    """The nearest step far outside the window at which the code would fit. Never accept it."""
    return next(_fitting(seed, code, around=step_at(at), offsets=_EXPLAINING), None)


def _fitting(seed: str, code: str, *, around: int, offsets: list[int]) -> Iterator[Match]:
    for offset in offsets:
        if around + offset >= 0 and equal(code_at(seed, around + offset), code):
            yield Match(step=around + offset, offset=offset)


def _explaining_offsets() -> list[int]:
    near = set(range(-EXPLAIN_STEPS, EXPLAIN_STEPS + 1))
    zones = {
        quarter * QUARTER_STEPS + slack
        for quarter in range(-QUARTERS, QUARTERS + 1)
        for slack in range(-QUARTER_SLACK, QUARTER_SLACK + 1)
    }
    return sorted((near | zones) - set(range(-WINDOW, WINDOW + 1)), key=abs)


_EXPLAINING = _explaining_offsets()
