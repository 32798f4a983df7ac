"""How often verdicts held, which causes come again, and how long clients were out.

Added up from the tallies of `twofa.verdict_tallying`: a row a day for each verdict that was shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from smsproviders.figures import Share
from smsproviders.latencies import latency_of
from twofa.models import VerdictTally

SPAN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one verdict, or of all: `shown` so often; the rest is settled, or still open.

    `seconds`: the median until codes of the client worked again; None: of nobody so far.
    """

    verdict: str
    shown: int
    held: int
    contact: int
    reset: int
    unknown: int
    seconds: int | None

    @property
    def share(self) -> Share:
        """Those that held of those that are settled."""
        return Share(self.held, self.held + self.contact + self.reset + self.unknown)


@dataclass(frozen=True, slots=True)
class VerdictFigures:
    """`by_verdict`: the one shown most often first."""

    total: Fate
    by_verdict: Sequence[Fate]


def figures() -> VerdictFigures:
    """Of the last 30 days. One query."""
    rows = list(VerdictTally.objects.filter(day__gt=(timezone.now() - SPAN).date()))
    found: dict[str, list[VerdictTally]] = defaultdict(list)
    for row in rows:
        found[row.verdict].append(row)
    fates = [_fate(verdict, some) for verdict, some in found.items()]
    return VerdictFigures(
        total=_fate("", rows),
        by_verdict=sorted(fates, key=lambda fate: (-fate.shown, fate.verdict)),
    )


def _fate(verdict: str, rows: Sequence[VerdictTally]) -> Fate:
    latency = latency_of(row.recoveries for row in rows)
    return Fate(
        verdict=verdict,
        shown=sum(row.shown for row in rows),
        held=sum(row.held for row in rows),
        contact=sum(row.contact for row in rows),
        reset=sum(row.reset for row in rows),
        unknown=sum(row.unknown for row in rows),
        seconds=latency.median if latency else None,
    )
