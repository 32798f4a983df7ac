"""How a text travels as SMS: in which encoding, and in how many segments, each of which is paid.

3GPP TS 23.038 (encodings) and TS 23.040 (joined segments). A text of the GSM alphabet holds 160
septets; one character beyond it, and the whole text goes as UCS-2 with 70 units. Joined segments
give up a header's worth: 153 and 67.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

# The default alphabet: the place of a character is its code. At 0x1B stands the escape.
DEFAULT_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
# Its extension: each takes the escape and a code, which no segment's end may part.
EXTENSION = "\f^{}\\[~]|€"

_WIDTHS = {**dict.fromkeys(DEFAULT_ALPHABET, 1), **dict.fromkeys(EXTENSION, 2)}
del _WIDTHS["\x1b"]


class Encoding(Enum):
    """The name that people know it by, and what one segment alone and a joined one hold."""

    GSM7 = ("GSM-7", 160, 153)
    UCS2 = ("UCS-2", 70, 67)

    def __init__(self, label: str, alone: int, joined: int) -> None:
        self.label = label
        self.alone = alone
        self.joined = joined


@dataclass(frozen=True, slots=True)
class Measure:
    """`units` are septets (GSM-7) or UTF-16 units (UCS-2); `room`: what the last segment holds yet.

    `beyond`: the characters outside of the GSM alphabet, each once, in their order.
    """

    encoding: Encoding
    units: int
    segments: int
    room: int
    beyond: tuple[str, ...]


def measure(text: str) -> Measure:
    beyond = tuple(dict.fromkeys(one for one in text if one not in _WIDTHS))
    encoding = Encoding.UCS2 if beyond else Encoding.GSM7
    widths = [_utf16_units(one) if beyond else _WIDTHS[one] for one in text]
    segments, room = _filled(widths, encoding)
    return Measure(encoding, sum(widths), segments, room, beyond)


def is_gsm(text: str) -> bool:
    return all(one in _WIDTHS for one in text)


def _utf16_units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _filled(widths: list[int], encoding: Encoding) -> tuple[int, int]:
    """How many segments, and the room in the last."""
    total = sum(widths)
    if total <= encoding.alone:
        return 1, encoding.alone - total
    return _joined(widths, encoding.joined)


def _joined(widths: Iterable[int], size: int) -> tuple[int, int]:
    segments, room = 1, size
    for width in widths:
        if width > room:
            segments, room = segments + 1, size
        room -= width
    return segments, room
