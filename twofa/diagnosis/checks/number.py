"""The number that codes go to."""

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberType

from backoffice.common.masking import mask_phone, phone_ending
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.vocabulary import FactorKind

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
    return None if facts.number else _finding(facts, CauseId.NUMBER_MISSING, _("No number."))


def _unfit(facts: Facts) -> Finding | None:
    """As the numbering plans know it, without asking anybody."""
    if not facts.number:
        return None
    masked = {"number": mask_phone(facts.number), "code": ""}
    try:
        parsed = phonenumbers.parse(facts.number)
    except phonenumbers.NumberParseException:
        return _finding(facts, CauseId.NUMBER_INVALID, _("It cannot be read."), **masked)
    if not phonenumbers.is_possible_number(parsed):
        return _finding(facts, CauseId.NUMBER_INVALID, _("Its length is wrong."), **masked)
    if phonenumbers.number_type(parsed) == PhoneNumberType.FIXED_LINE:
        return _finding(facts, CauseId.LANDLINE, _("It is a fixed line."), **masked)
    return None


def _changed(facts: Facts) -> Finding | None:
    """Only a hint while messages arrive: two numbers may both be the client's."""
    profile = str(facts.client.phone) if facts.client else ""
    if not profile or not facts.number or profile == facts.number:
        return None
    if not facts.fresh_requests() and not facts.fresh_tries(SMS):
        return None
    return Finding(
        CauseId.NUMBER_CHANGED,
        Confidence.LIKELY,
        (Fact(_("The profile has another number."), facts.at),),
        at=facts.at,
        factor=SMS,
        values={
            "factor": mask_phone(facts.number),
            "profile": mask_phone(profile),
            "ending": phone_ending(facts.number),
        },
    )


def _finding(facts: Facts, cause: CauseId, words: str, **values: str) -> Finding:
    return Finding(
        cause, Confidence.CERTAIN, (Fact(words, facts.at),), at=facts.at, factor=SMS, values=values
    )
