"""The order of findings: whom they stop, then the method used last, how sure, how new.

What stops everyone on this route comes before what stops one number; of the client's own, what
stops everything before what stops one method.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Fact, Finding, Subject
from twofa.diagnosis.vocabulary import CauseId, Confidence

_SURE = list(Confidence)
# Within those who stop the same: on the route an incident, our own machinery, providers, policy; of
# the account itself, then its locks.
_STAGES = (
    {CauseId.INCIDENT, CauseId.CLIENT_INACTIVE, CauseId.CLIENT_BLOCKED},
    {
        CauseId.QUEUE_STALLED,
        CauseId.EXPIRED_BEFORE_SENDING,
        CauseId.SERVER_CLOCK,
        CauseId.LOCKED,
        CauseId.HARD_LOCKED,
    },
)
_BETWEEN = len(_STAGES)
_LAST = {
    CauseId.METHOD_OFF: _BETWEEN + 1,
    CauseId.COUNTRY_CLOSED: _BETWEEN + 1,
    CauseId.ROUTE_PAUSED: _BETWEEN + 1,
    CauseId.TEMPLATE_BROKEN: _BETWEEN + 1,
}
# Where it stands, not why: whatever kept the code from being typed says more.
_BARE = frozenset({CauseId.ENROLMENT_UNFINISHED, CauseId.NOT_ENABLED})
MOST_EVIDENCE = 6


def ranked(findings: Iterable[Finding], facts: Facts) -> tuple[Finding, ...]:
    """Each cause once, with all that proves it; the likeliest cause first."""
    by_cause: dict[CauseId, list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: _key(one, facts)):
        by_cause.setdefault(finding.cause, []).append(finding)
    return tuple(_together(found) for found in by_cause.values())


def _key(finding: Finding, facts: Facts) -> tuple[int, int, bool, bool, int, float]:
    other_method = finding.factor is not None and finding.factor != facts.last_method
    return (
        finding.entry.reach,
        _stage(finding.cause),
        other_method,
        finding.cause in _BARE,
        _SURE.index(finding.confidence),
        -finding.at.timestamp(),
    )


def _stage(cause: CauseId) -> int:
    early = (place for place, causes in enumerate(_STAGES) if cause in causes)
    return next(early, _LAST.get(cause, _BETWEEN))


def _together(found: Sequence[Finding]) -> Finding:
    """The likeliest of those of one cause, which two checks may find, with the proofs of all."""
    best, *others = found
    if not others:
        return best
    proofs: dict[tuple[str, datetime | None], Fact] = {}
    for fact in (fact for one in found for fact in one.evidence):
        proofs.setdefault((str(fact.words), fact.at), fact)
    return replace(
        best,
        evidence=tuple(proofs.values())[:MOST_EVIDENCE],
        since=min((one.since for one in found if one.since), default=None),
        subject=Subject(
            provider_id=_first(one.subject.provider_id for one in found),
            message_id=_first(one.subject.message_id for one in found),
            incident_id=_first(one.subject.incident_id for one in found),
        ),
    )


def _first(ids: Iterable[UUID | None]) -> UUID | None:
    return next((one for one in ids if one is not None), None)
