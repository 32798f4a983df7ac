"""Verdicts on the first page: how often they held, and which causes come again."""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.admin.display import Words
from backoffice.admin.verdict_words import verdict_words
from twofa import verdict_figures
from twofa.verdict_figures import Fate

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    words: Words
    fate: Fate


@dataclass(frozen=True, slots=True)
class Table:
    """Of 30 days; `more` verdicts are not shown."""

    total: Fate
    rows: Sequence[Row]
    more: int


def table() -> Table:
    """One query."""
    found = verdict_figures.figures()
    fates = found.by_verdict
    return Table(
        total=found.total,
        rows=[Row(verdict_words(fate.verdict), fate) for fate in fates[:SHOWN]],
        more=max(0, len(fates) - SHOWN),
    )
