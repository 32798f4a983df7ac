"""The number that codes go to."""

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.common.masking import mask_phone, phone_ending
from twofa import numbers
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.models import SendRequest
from twofa.vocabulary import FactorKind, SendOutcome

SMS = FactorKind.SMS


def number(facts: Facts) -> Checked:
    title = _("Number")
    if not facts.uses_sms:
        return fine("number", title, _("No codes by SMS."), facts.at)
    return judged(
        "number",
        title,
        [_missing(facts), _unfit(facts), _changed(facts)],
        well=_("Codes go to %(number)s.") % {"number": mask_phone(facts.number)},
        at=facts.at,
    )


def _missing(facts: Facts) -> Finding | None:
    if facts.number:
        return None
    refused = [row for row in facts.fresh_requests() if row.outcome == SendOutcome.NO_NUMBER]
    if not refused:
        return _finding(facts, CauseId.NUMBER_MISSING, Fact(_("No number."), facts.at))
    fact = Fact(_("A code was asked for, and there was no number for it."), refused[0].at)
    return _finding(facts, CauseId.NUMBER_MISSING, fact)


def _unfit(facts: Facts) -> Finding | None:
    """As the numbering plans know it, without asking anybody."""
    if not facts.number:
        return None
    masked = {"number": mask_phone(facts.number), "code": ""}
    asked_at = _asked_at(facts)
    if numbers.is_landline(facts.number):
        fact = Fact(_("The numbering plan has it as a fixed line."), asked_at)
        return _finding(facts, CauseId.LANDLINE, fact, **masked)
    if not numbers.is_usable(facts.number, new=facts.is_new_number):
        fact = Fact(_("The numbering plan has no such number."), asked_at)
        return _finding(facts, CauseId.NUMBER_INVALID, fact, **masked)
    return None


def _asked_at(facts: Facts) -> datetime:
    newest: SendRequest | None = next(iter(facts.fresh_requests()), None)
    return newest.at if newest else facts.at


def _changed(facts: Facts) -> Finding | None:
    """Two numbers may both be the client's: a hint, unless a message lies unread on the other."""
    profile = str(facts.client.phone) if facts.client else ""
    asked = facts.fresh_requests()
    if not profile or not facts.number or profile == facts.number or not asked:
        return None
    if facts.is_new_number:
        return None
    last = facts.last_message
    arrived_at = last.message.delivered_at if last else None
    untouched = arrived_at is not None and not facts.fresh_tries(SMS)
    return Finding(
        CauseId.NUMBER_CHANGED,
        Confidence.LIKELY if untouched else Confidence.POSSIBLE,
        (Fact(_("The profile has another number than the codes go to."), asked[0].at),),
        at=arrived_at or asked[0].at,
        factor=SMS,
        values={
            "factor": mask_phone(facts.number),
            "profile": mask_phone(profile),
            "ending": phone_ending(facts.number),
        },
    )


def _finding(facts: Facts, cause: CauseId, fact: Fact, **values: str) -> Finding:
    return Finding(
        cause, Confidence.CERTAIN, (fact,), at=fact.at or facts.at, factor=SMS, values=values
    )
