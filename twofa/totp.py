"""Time-based codes (RFC 6238): SHA-1, 30 s, six digits. Pure functions; nothing is stored here.

A code is accepted one step around the present, no further; of an app whose clock is known to be
off (`drift`), one step around what it shows too. Far outside it a code may be matched only to
explain why it is refused (`explain`), or together with the next one, to learn the clock (`align`).
"""

import base64
import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from twofa.codes import DIGITS

STEP = timedelta(seconds=30)
WINDOW = 1
SEED_BYTES = 20  # 160 bits (RFC 4226, section 4)

_CODES = 10**DIGITS

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
    return next(_codes_at(seed, [step])).decode()


def _codes_at(seed: str, steps: Iterable[int]) -> Iterator[bytes]:
    """HOTP (RFC 4226, section 5.3) of each step.

    The key is taken in once and copied: of the hundreds of codes of `explain` that saves a third.
    """
    keyed = hmac.new(base64.b32decode(seed), digestmod="sha1")
    for step in steps:
        one = keyed.copy()
        one.update(step.to_bytes(8, "big"))
        digest = one.digest()
        start = digest[-1] & 0xF
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        yield b"%0*d" % (DIGITS, number % _CODES)


def matches(seed: str, code: str, *, at: datetime, drift: int = 0) -> list[Match]:
    """The steps of the window at which the code fits, the present first; mostly one or none.

    `drift`: steps that the app's clock is known to be ahead. Then there are two windows, of our
    time and of the app's, three steps each. All are computed, whatever was found, so that time
    tells nothing.
    """
    offsets = sorted({*window(), *window(drift)}, key=abs)
    return list(_fitting(seed, code, around=step_at(at), offsets=offsets))


def window(drift: int = 0) -> range:
    """The offsets that are accepted around our time, or around the app's."""
    return range(drift - WINDOW, drift + WINDOW + 1)


def align(seed: str, first: str, second: str, *, at: datetime) -> tuple[Match, Match] | None:
    """The steps of two codes that follow each other (RFC 6238, section 6), at most 20 off.

    The nearest pair; the second one's offset is the app's clock.
    """
    offsets = list(range(-EXPLAIN_STEPS, EXPLAIN_STEPS + 1))
    firsts = {found.step: found for found in _matches_at(seed, first, at, offsets)}
    pairs = [
        (firsts[found.step - 1], found)
        for found in _matches_at(seed, second, at, offsets)
        if found.step - 1 in firsts
    ]
    return min(pairs, key=lambda pair: abs(pair[1].offset), default=None)


def _matches_at(seed: str, code: str, at: datetime, offsets: list[int]) -> list[Match]:
    return list(_fitting(seed, code, around=step_at(at), offsets=offsets))


def explain(seed: str, code: str, *, at: datetime) -> Match | None:
    """The nearest step far outside the window at which the code would fit. Never accept it.

    All are computed, whatever was found: else a guesser could tell by the time that it took.
    """
    found = _matches_at(seed, code, at, _EXPLAINING)
    return found[0] if found else None


def _fitting(seed: str, code: str, *, around: int, offsets: list[int]) -> Iterator[Match]:
    steps = [around + offset for offset in offsets if around + offset >= 0]
    typed = code.encode()
    for step, its_code in zip(steps, _codes_at(seed, steps), strict=True):
        if hmac.compare_digest(its_code, typed):
            yield Match(step=step, offset=step - around)


def _explaining_offsets() -> list[int]:
    near = set(range(-EXPLAIN_STEPS, EXPLAIN_STEPS + 1))
    zones = {
        quarter * QUARTER_STEPS + slack
        for quarter in range(-QUARTERS, QUARTERS + 1)
        for slack in range(-QUARTER_SLACK, QUARTER_SLACK + 1)
    }
    return sorted((near | zones) - set(window()), key=abs)


_EXPLAINING = _explaining_offsets()
