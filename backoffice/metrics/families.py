"""How our figures are named: `backoffice_…`, in seconds, one family for one thing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

Values = Iterable[tuple[Sequence[str], float]]


class Window(StrEnum):
    """Of what spans of time figures are: see `twofa.code_figures` for their exact ends."""

    HOUR = "hour"
    DAY = "day"


def gauge(name: str, words: str, value: float | None) -> GaugeMetricFamily:
    """None: not known, which is a family without a sample, and not 0."""
    return GaugeMetricFamily(f"backoffice_{name}", words, value)


def gauges(name: str, words: str, labels: Sequence[str], values: Values) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"backoffice_{name}", words, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def age(moment: datetime | None) -> float | None:
    """Seconds since then, never less than 0: clocks of two hosts differ."""
    if moment is None:
        return None
    return max(0.0, (timezone.now() - moment).total_seconds())


def ages(moments: Iterable[tuple[str, datetime | None]]) -> Values:
    """Of what has happened at all, by its one label."""
    for of, moment in moments:
        seconds = age(moment)
        if seconds is not None:
            yield (of,), seconds
