"""Whether the text of the SMS can be sent in the client's language."""

from django.utils.translation import gettext as _

from smsproviders.vocabulary import Cause
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock
from twofa.vocabulary import FactorKind


def template(facts: Facts) -> Checked:
    title = _("SMS template")
    if not facts.uses_sms:
        return fine("template", title, _("No codes by SMS."), facts.at)
    return judged(
        "template", title, [_broken(facts)], well=_("It can be sent as it is."), at=facts.at
    )


def _broken(facts: Facts) -> Finding | None:
    if not facts.template_problem:
        return None
    return Finding(
        CauseId(Cause.TEMPLATE_BROKEN),
        Confidence.CERTAIN,
        (Fact(facts.template_problem, facts.at),),
        at=facts.at,
        factor=FactorKind.SMS,
        values={"words": facts.template_problem, "code": "", "since": clock(facts.at)},
    )
