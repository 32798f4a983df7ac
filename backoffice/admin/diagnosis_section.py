"""*Why no codes?*, on top of a client's Settings: the verdict, what proves it, what to press."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from backoffice.admin.diagnosis_actions import Button, buttons
from backoffice.admin.display import Tone
from backoffice.audit import log
from backoffice.audit.models import ActorKind
from clients.models import Client, User
from twofa import log_actions
from twofa.diagnosis import presenting
from twofa.diagnosis.findings import Checked, Diagnosis, Finding
from twofa.diagnosis.vocabulary import Owner, Result
from twofa.texts import language_of

PERMISSION = "twofa.diagnose_client"
RESULT_TONES = {Result.OK: Tone.OK, Result.PROBLEM: Tone.BAD, Result.UNKNOWN: Tone.WARN}
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
    """One finding as the page shows it."""

    finding: Finding
    owner_tone: Tone
    buttons: list[Button]
    told: list[Told]


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One line of the checklist as the page shows it."""

    line: Checked
    tone: Tone
    button: Button | None  # what mends it, where somebody of this operator's rights can


def context(
    diagnosis: Diagnosis, client: Client, operator: User, *, language: str
) -> dict[str, Any]:
    """For who may see it. That it was opened stands in Logs."""
    _note_opened(client, operator, diagnosis)
    causes = [
        FoundCause(
            finding=finding,
            owner_tone=OWNER_TONES[finding.owner],
            buttons=buttons(finding, client=client, operator=operator),
            told=_told(finding, language, language_of(client.user)),
        )
        for finding in diagnosis.findings
    ]
    return {
        "diagnosis": diagnosis,
        "verdict_words": presenting.verdict_words(diagnosis),
        "causes": causes,
        "check_lines": [_line(line, client, operator) for line in diagnosis.checks],
        "ticket_text": presenting.as_text(diagnosis),
    }


def _told(finding: Finding, *languages: str) -> list[Told]:
    """In the operator's language, and in the client's where that is another."""
    names = dict(settings.LANGUAGES)
    return [
        Told(language, str(names.get(language, language)), *finding.tell(language))
        for language in dict.fromkeys(languages)
    ]


def _line(line: Checked, client: Client, operator: User) -> CheckedLine:
    mending = [
        button
        for finding in line.findings
        for button in buttons(finding, client=client, operator=operator)
        if not button.is_post
    ]
    return CheckedLine(line, RESULT_TONES[line.result], mending[0] if mending else None)


def _note_opened(client: Client, operator: User, diagnosis: Diagnosis) -> None:
    log.record(
        log_actions.DIAGNOSED,
        actor=log.Actor(ActorKind.OPERATOR, str(operator.pk)),
        subject=log_actions.subject(client.user),
        facts={"verdict": diagnosis.verdict},
    )
