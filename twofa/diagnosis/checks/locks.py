"""Locks after wrong codes, and whose wrong codes they were."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from twofa import locks
from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Words
from twofa.diagnosis.known_places import is_known, is_strange
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, later
from twofa.models import CodeAttempt
from twofa.results import Lock
from twofa.vocabulary import CodeOutcome, FactorKind

# One slip of somebody who shares the machine is no attack.
FOREIGN_AT_LEAST = 2
SHOWN = 5
_NOT_KNOWN = gettext_lazy("and nothing tells from where")
_HIS_OWN = gettext_lazy("from browsers the client has used")
_ALL_STRANGE = gettext_lazy("all from a browser the client never used")
_SOME_STRANGE = gettext_lazy("some from a browser the client never used")


def lock(facts: Facts) -> Checked:
    return judged(
        "lock",
        _("Wrong codes"),
        [_locked(facts), _recovery_locked(facts), _foreign(facts)],
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
    tries = [row for row in wrong(facts) if row.factor != FactorKind.RECOVERY]
    began_at = tries[0].at if tries else facts.state.last_failure_at
    since = facts.state.hard_locked_at if found.is_hard else began_at
    cause = CauseId.HARD_LOCKED if found.is_hard else CauseId.LOCKED
    return _lock(facts, cause, found, tries, since)


def _recovery_locked(facts: Facts) -> Finding | None:
    """Of their own, and only where the client came to need them."""
    found = locks.recovery_lock_of(facts.state, at=facts.at)
    newest = next(iter(facts.fresh_tries()), None)
    if found is None or newest is None or newest.factor != FactorKind.RECOVERY:
        return None
    tries = [row for row in wrong(facts) if row.factor == FactorKind.RECOVERY]
    return _lock(facts, CauseId.LOCKED, found, tries, tries[0].at if tries else newest.at)


def _lock(
    facts: Facts,
    cause: CauseId,
    found: Lock,
    tries: Sequence[CodeAttempt],
    since: datetime | None,
) -> Finding:
    values: dict[str, Words] = {
        "failures": str(found.failures),
        "until": later(clock, found.until),
        "since": later(clock, since),
        "whence": _whence(facts, tries),
    }
    count = _("%(count)d wrong codes without a right one") % {"count": found.failures}
    return Finding(
        cause,
        Confidence.CERTAIN,
        (Fact(count, since), *_facts(tries[:SHOWN])),
        at=since or facts.at,
        since=since,
        values=values,
    )


def _whence(facts: Facts, tries: Sequence[CodeAttempt]) -> Words:
    strange = [is_strange(row, facts.sessions) for row in tries]
    if any(strange):
        return _ALL_STRANGE if all(strange) else _SOME_STRANGE
    known = any(is_known(row, facts.sessions) for row in tries)
    return _HIS_OWN if known else _NOT_KNOWN


def _foreign(facts: Facts) -> Finding | None:
    """Of the whole day: that the client got in himself meanwhile repairs nothing here.

    It is what tells the two apart: he gets in where he is known, while somebody else tries.
    """
    tries = [row for row in facts.tries if _is_guess(row) and is_strange(row, facts.sessions)]
    if len(tries) < FOREIGN_AT_LEAST:
        return None
    right = [row for row in facts.tries if row.outcome == CodeOutcome.ACCEPTED]
    own = next((row for row in right if is_known(row, facts.sessions)), None)
    if own is None:
        return None
    return Finding(
        CauseId.FOREIGN_ATTEMPTS,
        Confidence.LIKELY,
        (*_facts(tries[:SHOWN]), Fact(_("The client signed in from where he is known"), own.at)),
        at=tries[0].at,
        since=tries[-1].at,
        values={"count": str(len(tries))},
    )


def _is_guess(row: CodeAttempt) -> bool:
    """Not one of the client's own key or messages, which only he can have."""
    fits = row.offset_steps is not None or row.other_factor
    return row.outcome == CodeOutcome.INCORRECT and not fits


def wrong(facts: Facts) -> list[CodeAttempt]:
    return [row for row in facts.fresh_tries() if row.outcome == CodeOutcome.INCORRECT]


def _facts(tries: Sequence[CodeAttempt]) -> list[Fact]:
    words = _("Wrong code, %(factor)s, from %(address)s")
    return [
        Fact(
            words % {"factor": row.get_factor_display(), "address": row.address or _("unknown")},
            row.at,
        )
        for row in tries
    ]
