"""Locks after wrong codes, and whose wrong codes they were."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twofa import locks
from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock
from twofa.models import CodeAttempt
from twofa.vocabulary import CodeOutcome

# One slip of somebody who shares the machine is no attack.
FOREIGN_AT_LEAST = 2


def lock(facts: Facts) -> Checked:
    return judged(
        "lock",
        _("Wrong codes"),
        [_locked(facts), _foreign(facts)],
        well=_well(facts),
        at=facts.at,
    )


def _well(facts: Facts) -> str:
    if not facts.state.failures:
        return _("No wrong codes since the last right one.")
    return ngettext(
        "%(count)d wrong code since the last right one; not locked.",
        "%(count)d wrong codes since the last right one; not locked.",
        facts.state.failures,
    ) % {"count": facts.state.failures}


def _locked(facts: Facts) -> Finding | None:
    found = locks.lock_of(facts.state, at=facts.at)
    if found is None:
        return None
    since = facts.state.hard_locked_at if found.is_hard else facts.state.last_failure_at
    values = {
        "failures": str(found.failures),
        "until": clock(found.until),
        "since": clock(since),
        "whence": _whence(facts),
    }
    return Finding(
        CauseId.HARD_LOCKED if found.is_hard else CauseId.LOCKED,
        Confidence.CERTAIN,
        tuple(_facts(wrong(facts)[:5])),
        at=since or facts.at,
        since=since,
        values=values,
    )


def _whence(facts: Facts) -> str:
    tries = wrong(facts)
    if not tries or not facts.sessions:
        return _("from where is not known")
    foreign = sum(not facts.knows(row) for row in tries)
    if not foreign:
        return _("from browsers the client has used")
    if foreign == len(tries):
        return _("all from a browser the client never used")
    return _("some from a browser the client never used")


def _foreign(facts: Facts) -> Finding | None:
    """Of the whole day: that the client got in himself meanwhile repairs nothing here."""
    if not facts.sessions:
        return None
    tries = [
        row for row in facts.tries if row.outcome == CodeOutcome.INCORRECT and not facts.knows(row)
    ]
    if len(tries) < FOREIGN_AT_LEAST:
        return None
    return Finding(
        CauseId.FOREIGN_ATTEMPTS,
        Confidence.LIKELY,
        tuple(_facts(tries[:5])),
        at=tries[0].at,
        since=tries[-1].at,
        values={"count": str(len(tries))},
    )


def wrong(facts: Facts) -> list[CodeAttempt]:
    return [row for row in facts.fresh_tries() if row.outcome == CodeOutcome.INCORRECT]


def _facts(tries: list[CodeAttempt]) -> list[Fact]:
    words = _("Wrong code, %(factor)s, from %(address)s")
    return [
        Fact(
            words % {"factor": row.get_factor_display(), "address": row.address or _("unknown")},
            row.at,
        )
        for row in tries
    ]
