"""*Why no codes?*, on top of a client's Settings: the verdict, what proves it, what to press."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from backoffice.admin import verdict_words
from backoffice.admin.diagnosis_actions import Offer, offers
from backoffice.admin.display import Tone, Words
from backoffice.audit import log
from backoffice.audit.models import ActorKind
from clients.models import Client, User
from twofa import log_actions, verdict_showing
from twofa.diagnosis import presenting
from twofa.diagnosis.findings import Checked, Diagnosis, Finding
from twofa.diagnosis.vocabulary import Owner, Result
from twofa.texts import language_of

PERMISSION = "twofa.diagnose_client"
RESULT_TONES = {Result.OK: Tone.OK, Result.PROBLEM: Tone.BAD, Result.UNKNOWN: Tone.CALM}
OWNER_TONES = {
    Owner.CLIENT: Tone.CALM,
    Owner.UNKNOWN: Tone.CALM,
    Owner.CARRIER: Tone.WARN,
    Owner.PROVIDER: Tone.WARN,
    Owner.OPERATOR: Tone.BAD,
    Owner.PLATFORM: Tone.BAD,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What to tell the client, in one language."""

    language: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FoundCause:
    """One finding as the page shows it: what one may press, whom to ask, what to run."""

    finding: Finding
    owner_tone: Tone
    buttons: list[Offer]
    asks: list[Offer]
    hows: list[Offer]
    told: list[Told]


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line of the checklist: checks that say the same share one, but problems do not."""

    checks: list[Checked]
    words: Words
    tone: Tone
    result: Result
    button: Offer | None  # what mends it, where this operator may

    @property
    def checked_at(self) -> Any:
        return self.checks[0].checked_at


def context(
    diagnosis: Diagnosis, client: Client, operator: User, *, language: str, reference: str = ""
) -> dict[str, Any]:
    """For who may see it. That it was opened stands in Logs.

    `reference`: of the moment that the diagnosis is of, when that is over.
    """
    _note_opened(client, operator, diagnosis)
    shown_before = verdict_showing.show(diagnosis, operator=operator)
    causes = [
        _cause(finding, client, operator, languages=(language, language_of(client.user)))
        for finding in diagnosis.findings
    ]
    ticket = presenting.as_text(diagnosis)
    lines = list(_lines(diagnosis.checks, {one.finding.cause: one for one in causes}))
    return {
        "diagnosis": diagnosis,
        "reference": reference,
        "verdict_words": presenting.verdict_words(diagnosis),
        "causes": causes,
        "earlier": verdict_words.earlier(shown_before),
        "lines_to_see": [
            line
            for result in (Result.PROBLEM, Result.UNKNOWN)
            for line in lines
            if line.result == result
        ],
        "lines_in_order": [line for line in lines if line.result == Result.OK],
        "in_order": sum(len(line.checks) for line in lines if line.result == Result.OK),
        "ticket_text": f"{reference}\n{ticket}" if reference else ticket,
    }


def _cause(
    finding: Finding, client: Client, operator: User, *, languages: Iterable[str]
) -> FoundCause:
    found = offers(finding, client=client, operator=operator)
    return FoundCause(
        finding=finding,
        owner_tone=OWNER_TONES[finding.owner],
        buttons=[one for one in found if one.address],
        asks=[one for one in found if one.whom],
        hows=[one for one in found if one.how],
        told=_told(finding, languages),
    )


def _told(finding: Finding, languages: Iterable[str]) -> list[Told]:
    """In the operator's language, and in the client's where that is another."""
    names = dict(settings.LANGUAGES)
    return [
        Told(language, str(names.get(language, language)), *finding.tell(language))
        for language in dict.fromkeys(languages)
    ]


def _lines(checks: Iterable[Checked], causes: dict[Any, FoundCause]) -> Iterable[CheckedLine]:
    """In the order of the checks; one that is no problem joins an earlier one of the same words."""
    found: dict[Any, CheckedLine] = {}
    for one in checks:
        key = one.check if one.result == Result.PROBLEM else (one.result, str(one.words))
        if key in found:
            found[key].checks.append(one)
        else:
            tone = RESULT_TONES[one.result]
            found[key] = CheckedLine([one], one.words, tone, one.result, _mending(one, causes))
    return found.values()


def _mending(line: Checked, causes: dict[Any, FoundCause]) -> Offer | None:
    """The first page that mends it; what is done at a press stands with the finding alone."""
    buttons = [
        button
        for finding in line.findings
        if finding.cause in causes
        for button in causes[finding.cause].buttons
        if not button.hidden
    ]
    return next(iter(buttons), None)


def _note_opened(client: Client, operator: User, diagnosis: Diagnosis) -> None:
    facts = {"verdict": diagnosis.verdict}
    if diagnosis.is_past:
        facts["as_of"] = diagnosis.at.isoformat(timespec="seconds")
    log.record(
        log_actions.DIAGNOSED,
        actor=log.Actor(ActorKind.OPERATOR, str(operator.pk)),
        subject=log_actions.subject(client.user),
        facts=facts,
    )
