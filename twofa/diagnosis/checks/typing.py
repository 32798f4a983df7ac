"""What was typed: the right code too late, an older one, one of the other method."""

from django.utils.translation import gettext as _

from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock
from twofa.models import CodeAttempt
from twofa.vocabulary import CodeOutcome, FactorKind


def typed(facts: Facts) -> Checked:
    tries = [row for row in facts.fresh_tries() if row.outcome != CodeOutcome.LOCKED]
    newest = tries[0] if tries else None
    well = (
        _("Last tried at %(time)s: %(outcome)s.")
        % {"time": clock(newest.at), "outcome": newest.get_outcome_display()}
        if newest
        else _("No code was typed since the last sign-in.")
    )
    return judged(
        "typed",
        _("Code typed"),
        [_dead(facts, newest), _other_method(newest)] if newest else [],
        well=well,
        at=newest.at if newest else facts.at,
    )


def _dead(facts: Facts, row: CodeAttempt) -> Finding | None:
    if row.factor != FactorKind.SMS:
        return None
    if row.outcome == CodeOutcome.EXPIRED:
        return _expired(facts, row)
    if row.outcome == CodeOutcome.SUPERSEDED:
        return Finding(
            CauseId.CODE_SUPERSEDED,
            Confidence.CERTAIN,
            (Fact(_("The code of an earlier message was typed."), row.at),),
            at=row.at,
            since=row.at,
            factor=FactorKind.SMS,
            values={"at": clock(row.at)},
        )
    return None


def _expired(facts: Facts, row: CodeAttempt) -> Finding:
    asked = next((one for one in facts.challenges if one.pk == row.challenge_id), None)
    late = (row.at - asked.expires_at).total_seconds() if asked else 0
    return Finding(
        CauseId.CODE_EXPIRED,
        Confidence.CERTAIN,
        (Fact(_("The right code, typed after its life."), row.at),),
        at=row.at,
        since=row.at,
        factor=FactorKind.SMS,
        values={"at": clock(row.at), "seconds": str(max(0, round(late)))},
    )


def _other_method(row: CodeAttempt) -> Finding | None:
    if not row.other_factor:
        return None
    asked, typed_of = FactorKind(row.factor), FactorKind(row.other_factor)
    return Finding(
        CauseId.OTHER_METHOD,
        Confidence.CERTAIN,
        (Fact(_("The code typed is one of the other method."), row.at),),
        at=row.at,
        since=row.at,
        factor=asked,
        values={"asked": asked.label, "typed": typed_of.label},
    )
