"""Making one line of the checklist."""

from collections.abc import Iterable
from datetime import datetime

from twofa.diagnosis.findings import Checked, Finding, Words
from twofa.diagnosis.vocabulary import Result


def fine(check: str, title: Words, words: Words, at: datetime | None) -> Checked:
    return Checked(check, title, Result.OK, words, at)


def unknown(check: str, title: Words, words: Words, at: datetime | None = None) -> Checked:
    """`words` say what would settle it."""
    return Checked(check, title, Result.UNKNOWN, words, at)


def judged(
    check: str,
    title: Words,
    found: Iterable[Finding | None],
    *,
    well: Words,
    at: datetime | None,
) -> Checked:
    """A problem when anything was found, in the words of the first; else `well`."""
    findings = tuple(one for one in found if one is not None)
    if not findings:
        return fine(check, title, well, at)
    return Checked(check, title, Result.PROBLEM, findings[0].summary, at, findings)
