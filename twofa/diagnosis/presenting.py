"""The diagnosis as JSON, with fixed names, and as the text of a ticket or a terminal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twofa.diagnosis.findings import OK, Diagnosis, Finding
from twofa.diagnosis.vocabulary import Result
from twofa.diagnosis.words import clock


def as_json(diagnosis: Diagnosis, *, language: str) -> dict[str, Any]:
    """`language`: the client's own, for what to tell him."""
    return {
        "client": diagnosis.user.email,
        "at": _moment(diagnosis.at),
        "verdict": diagnosis.verdict,
        "findings": [_finding(one, language) for one in diagnosis.findings],
        "checks": [
            {
                "check": one.check,
                "result": one.result.value,
                "words": str(one.words),
                "checked_at": _moment(one.checked_at),
            }
            for one in diagnosis.checks
        ],
    }


def _finding(one: Finding, language: str) -> dict[str, Any]:
    before, after = one.tell(language)
    return {
        "cause": one.cause.value,
        "owner": one.owner.value,
        "since": _moment(one.since),
        "confidence": one.confidence.value,
        "summary": one.summary,
        "tell_client": {"before": before, "after": after},
        "evidence": [{"at": _moment(fact.at), "fact": str(fact.words)} for fact in one.evidence],
        "actions": [action.value for action in one.entry.actions],
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def verdict_words(diagnosis: Diagnosis) -> str:
    """The verdict in one sentence."""
    if diagnosis.findings:
        return diagnosis.findings[0].summary
    open_question = _open_question(diagnosis)
    if open_question:
        return _("No fault was found, and one thing is not known. %(what)s") % {
            "what": open_question
        }
    if diagnosis.wrong_codes:
        return _not_proved(diagnosis.wrong_codes)
    return _("Nothing is wrong: codes work for this client.")


def _not_proved(wrong_codes: int) -> str:
    """Whether codes work is not known before one did."""
    words = ngettext(
        "No fault was found, but %(count)d code was wrong and none was right since. Let the "
        "client try once more, then look again.",
        "No fault was found, but %(count)d codes were wrong and none was right since. Let the "
        "client try once more, then look again.",
        wrong_codes,
    )
    return words % {"count": wrong_codes}


def _open_question(diagnosis: Diagnosis) -> str:
    lines = (line for line in diagnosis.checks if line.result == Result.UNKNOWN)
    return next((str(line.words) for line in lines if line.check == "messages"), "")


def as_text(diagnosis: Diagnosis) -> str:
    """For a ticket: no code, no whole number, no credential is in it."""
    return "\n".join(_lines(diagnosis))


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    yield f"{diagnosis.user.email}, {clock(diagnosis.at)}"
    yield f"{_('Verdict')}: {diagnosis.verdict}. {verdict_words(diagnosis)}"
    for one in diagnosis.findings:
        since = f", {_('since')} {clock(one.since)}" if one.since else ""
        yield f"- {one.cause.value} ({one.owner.label}, {one.confidence.label}{since})"
        yield f"  {one.summary}"
        for fact in one.evidence:
            yield f"  · {clock(fact.at)} {fact.words}" if fact.at else f"  · {fact.words}"
    yield f"{_('Checks')}:"
    for line in diagnosis.checks:
        mark = {Result.OK: "ok", Result.PROBLEM: "!!", Result.UNKNOWN: "??"}[line.result]
        yield f"  {mark} {line.title}: {line.words}"


__all__ = ["OK", "as_json", "as_text", "verdict_words"]
