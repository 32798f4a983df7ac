"""The pictures of the first page as SVG: geometry only, colours come from the stylesheet.

The numbers of each stand beside it, as text or in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

COLUMN, FUNNEL_HEIGHT = 100, 72
LINE_HEIGHT, STEP = 60, 10
# Of a column: level so far, then bent to the height of the next one.
LEVEL = 62
AIR = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """`path` is "" where there is nothing to draw."""

    width: int
    height: int
    path: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Paths over the same moments, to one scale, whose top is `most`; "" where all is zero."""

    width: int
    height: int
    most: int
    area: str
    paths: Sequence[str]


def funnel(numbers: Sequence[int]) -> Shape:
    """Each column as high as its share of the greatest number, around the middle."""
    most = max(numbers, default=0)
    width = COLUMN * len(numbers)
    if not most:
        return Shape(width, FUNNEL_HEIGHT, "")
    half = FUNNEL_HEIGHT / 2
    # A stage that some came to is never so thin that it cannot be seen.
    halves = [max(half * number / most, 1.0 if number else 0.0) for number in numbers]
    upper = _outline([half - one for one in halves])
    lower = _outline([half + one for one in halves])
    return Shape(width, FUNNEL_HEIGHT, f"M{upper[0]}{_forth(upper)}L{lower[-1]}{_back(lower)}Z")


def _outline(heights: Sequence[float]) -> list[str]:
    """Points from left to right: where each level begins, and where it ends."""
    last = len(heights) - 1
    return [
        point
        for number, height in enumerate(heights)
        for point in (
            f"{number * COLUMN} {height:.1f}",
            f"{number * COLUMN + (COLUMN if number == last else LEVEL)} {height:.1f}",
        )
    ]


def _forth(points: Sequence[str]) -> str:
    """Level, bend, level, bend…"""
    return "".join(
        f"L{point}" if number % 2 else _bend(points[number - 1], point)
        for number, point in enumerate(points)
        if number
    )


def _back(points: Sequence[str]) -> str:
    return _forth(points[::-1])


def _bend(start: str, end: str) -> str:
    (x1, y1), (x2, y2) = start.split(), end.split()
    middle = (float(x1) + float(x2)) / 2
    return f"C{middle:.0f} {y1} {middle:.0f} {y2} {x2} {y2}"


def lines(*series: Sequence[int]) -> Lines:
    """The first one with the area under it."""
    most = max((max(one, default=0) for one in series), default=0)
    width = STEP * (len(series[0]) - 1)
    paths = [_line(one, most) if any(one) else "" for one in series]
    area = f"{paths[0]}V{LINE_HEIGHT}H0Z" if paths[0] else ""
    return Lines(width, LINE_HEIGHT, most, area, paths)


def _line(numbers: Sequence[int], most: int) -> str:
    scale = (LINE_HEIGHT - 2 * AIR) / most
    points = (
        f"{place * STEP} {LINE_HEIGHT - AIR - number * scale:.1f}"
        for place, number in enumerate(numbers)
    )
    return "M" + "L".join(points)


def percent(part: int, whole: int) -> int:
    """For a bar: at least one where there is something."""
    return max(1, round(100 * part / whole)) if part and whole else 0
