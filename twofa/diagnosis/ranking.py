"""The order of findings: whom they stop, then the method used last, how sure, how new.

What stops everyone on this route comes before what stops one number; of the client's own, what
stops everything before what stops one method.
"""

from collections.abc import Iterable

from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence

_SURE = list(Confidence)


def ranked(findings: Iterable[Finding], facts: Facts) -> tuple[Finding, ...]:
    """Each cause once, its likeliest finding; the likeliest cause first."""
    best: dict[CauseId, Finding] = {}
    for finding in sorted(findings, key=lambda one: _key(one, facts)):
        best.setdefault(finding.cause, finding)
    return tuple(best.values())


def _key(finding: Finding, facts: Facts) -> tuple[int, bool, int, float]:
    other_method = finding.factor is not None and finding.factor != facts.last_method
    return (
        finding.entry.reach,
        other_method,
        _SURE.index(finding.confidence),
        -finding.at.timestamp(),
    )
