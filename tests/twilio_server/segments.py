"""How many SMS segments a text takes, by the rules of GSM 03.38 that Twilio bills by."""

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = set("^{}\\[~]|€\f")  # two septets each


def count(text: str) -> int:
    """Segments of the text: 160 or 153 septets each, or 70 or 67 UTF-16 units where it must."""
    if is_gsm(text):
        return _split(sum(2 if char in _ESCAPED else 1 for char in text), alone=160, joined=153)
    return _split(len(text.encode("utf-16-be")) // 2, alone=70, joined=67)


def is_gsm(text: str) -> bool:
    return set(text) <= _BASIC | _ESCAPED


def _split(units: int, *, alone: int, joined: int) -> int:
    return 1 if units <= alone else -(-units // joined)
