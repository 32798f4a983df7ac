"""Times as histograms: small enough to keep for ever, good enough for a median.

The buckets grow by a quarter each, so a percentile is right to about a tenth.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FASTEST_MS, SLOWEST_MS, GROWTH = 20, 600_000, 1.25


def _edges() -> tuple[int, ...]:
    edges = [FASTEST_MS]
    while edges[-1] < SLOWEST_MS:
        edges.append(round(edges[-1] * GROWTH))
    return tuple(edges)


# Bucket n holds what took more than the edge before and at most EDGES_MS[n] milliseconds; what took
# longer than the last edge is in the last bucket.
EDGES_MS = _edges()
Histogram = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds: half took at most `median`, 19 of 20 at most `p95`."""

    median: int
    p95: int


def bucket_of(milliseconds: float) -> int:
    """The number of the bucket that it is counted in."""
    return min(bisect_left(EDGES_MS, milliseconds), len(EDGES_MS) - 1)


def latency_of(histograms: Iterable[Histogram]) -> Latency | None:
    """Of all of them together; None when nothing was measured."""
    counts: Counter[int] = Counter()
    for histogram in histograms:
        counts.update({int(bucket): count for bucket, count in histogram.items()})
    if not counts.total():
        return None
    return Latency(median=_percentile(counts, 0.5), p95=_percentile(counts, 0.95))


def _percentile(counts: Counter[int], share: float) -> int:
    """As if the values of one bucket were spread evenly over it."""
    wanted = share * counts.total()
    passed = 0
    for bucket in sorted(counts):
        if passed + counts[bucket] >= wanted:
            low = EDGES_MS[bucket - 1] if bucket else 0
            return round(low + (EDGES_MS[bucket] - low) * (wanted - passed) / counts[bucket])
        passed += counts[bucket]
    return EDGES_MS[-1]
