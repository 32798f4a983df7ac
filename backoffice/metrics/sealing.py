"""The sealing of the log."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from backoffice.audit.models import SealingState
from backoffice.audit.standing import standing
from backoffice.metrics.families import age, gauge, gauges


def sealing() -> Iterator[Metric]:
    """Three small queries."""
    found = standing()
    yield gauge("log_seals", "Events of the log that are sealed.", found.seals)
    yield gauge(
        "log_unsealed_age_seconds",
        "Since the oldest event that waits for its seal; 0: none waits.",
        age(found.oldest_waits_since) or 0,
    )
    yield gauges(
        "log_trouble",
        "1: this is wrong with the seals, and has lasted.",
        ["kind"],
        [((kind.value,), kind == found.lasting_trouble) for kind in SealingState.Trouble],
    )
