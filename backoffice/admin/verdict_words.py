"""What became of verdicts in words: for the dashboard, and for the client they were about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.display import Tone, Words, chip
from backoffice.admin.messages_words import cause_words
from twofa.diagnosis.findings import OK
from twofa.diagnosis.words import length
from twofa.models import VerdictOutcome, VerdictShown
from twofa.vocabulary import FactorKind

TONES = {
    VerdictOutcome.HELD: Tone.OK,
    VerdictOutcome.CONTACT: Tone.WARN,
    VerdictOutcome.RESET: Tone.CALM,
    VerdictOutcome.UNKNOWN: Tone.CALM,
}
NOTHING_WRONG = gettext_lazy("Nothing was wrong")
OPEN = gettext_lazy("not settled yet")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A verdict that was shown before. `recovered`: how and when the client was in again, or ""."""

    shown_at: datetime
    verdict: Words
    outcome: SafeString
    recovered: str


def verdict_words(verdict: str) -> Words:
    """`twofa.locked`: Locked after wrong codes."""
    return NOTHING_WRONG if verdict == OK else cause_words(verdict)


def earlier(rows: Iterable[VerdictShown]) -> list[Earlier]:
    return [
        Earlier(row.shown_at, verdict_words(row.verdict), _outcome(row), _recovered(row))
        for row in rows
    ]


def _outcome(row: VerdictShown) -> SafeString:
    if not row.outcome:
        return chip(OPEN)
    outcome = VerdictOutcome(row.outcome)
    return chip(outcome.label, TONES[outcome])


def _recovered(row: VerdictShown) -> str:
    if row.recovered_at is None:
        return ""
    after = length(max(row.recovered_at - row.shown_at, timedelta(seconds=1)))
    if not row.recovered_by:
        return _("signed in after %(time)s") % {"time": after}
    how = FactorKind(row.recovered_by).label
    return _("worked again after %(time)s, by %(factor)s") % {"time": after, "factor": how}
