"""Figures of one run, their medians over several, and the tables that show them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: `runs` of each row, each with so many `seconds` of load."""

    runs: int
    seconds: float


FULL = Scale(runs=3, seconds=10.0)
QUICK = Scale(runs=1, seconds=3.0)


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` maps each heading to the decimals of its figures."""

    title: str
    about: str
    columns: Mapping[str, int]
    rows: Sequence[tuple[str, Figures]]


def percentile(seconds: Sequence[float], percent: float) -> float:
    """In milliseconds: the least value that so many per cent of all do not exceed."""
    ordered = sorted(seconds)
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] * 1000


def spread(seconds: Sequence[float], *, name: str = "") -> dict[str, float]:
    """The three percentiles by which latencies are told; `name` stands before each."""
    before = f"{name} " if name else ""
    return {f"{before}p{percent} ms": percentile(seconds, percent) for percent in (50, 95, 99)}


def medians(runs: int, measure: Callable[[], Figures]) -> Figures:
    taken = [measure() for _ in range(runs)]
    return {name: median(run[name] for run in taken) for name in taken[0]}
