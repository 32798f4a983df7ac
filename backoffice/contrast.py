"""Colours that can be read: the contrast of WCAG 2.2, and the shades that follow from one colour.

A colour is three numbers from 0 to 255. What it stands on is written in `tokens.css`; the tests
compare the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass

Colour = tuple[int, int, int]

# https://www.w3.org/TR/WCAG22/#contrast-minimum
TEXT = 4.5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# --surface, --paper, --ok-wash, --warn-wash, --bad-wash: a link may stand on each.
LIGHT_GROUNDS = ("#fff", "#f4f5f7", "#e6f4ec", "#fcf2da", "#fdeceb")
DARK_GROUNDS = ("#161a22", "#0e1117", "#12291e", "#2c2312", "#351a18")


def parse(text: str) -> Colour:
    """From #rrggbb or #rgb."""
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def written(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with so much of `other` in it, from 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Shades:
    """`wash`: a background. `on_accent`: what is written on the accent."""

    accent: Colour
    accent_strong: Colour
    accent_wash: Colour
    on_accent: Colour

    def is_readable(self, grounds: Iterable[str]) -> bool:
        """The accent and its hover, as text on each of these and on the wash; and what is written
        on them."""
        behind = (*map(parse, grounds), self.accent_wash, self.on_accent)
        return all(
            contrast(shade, ground) >= TEXT
            for shade in (self.accent, self.accent_strong)
            for ground in behind
        )


def on_light(colour: Colour) -> Shades:
    return Shades(colour, mixed(colour, BLACK, 0.25), mixed(colour, WHITE, 0.92), WHITE)


def on_dark(colour: Colour) -> Shades:
    """The same hue, made lighter until it can be read on a dark screen."""
    wash, on_accent = mixed(parse(DARK_GROUNDS[0]), colour, 0.2), mixed(colour, BLACK, 0.8)
    for percent in range(101):
        accent = mixed(colour, WHITE, percent / 100)
        shades = Shades(accent, mixed(accent, WHITE, 0.4), wash, on_accent)
        if shades.is_readable(DARK_GROUNDS):
            return shades
    return Shades(WHITE, WHITE, parse(DARK_GROUNDS[0]), BLACK)


def is_readable(colour: Colour) -> bool:
    return on_light(colour).is_readable(LIGHT_GROUNDS)


def nearest_readable(colour: Colour) -> Colour:
    """The same colour, as much darker as it must be."""
    return next(
        darker
        for darker in (mixed(colour, BLACK, percent / 100) for percent in range(101))
        if is_readable(darker)
    )


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
