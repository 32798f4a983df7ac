"""Our own rules of sending: what they refused this client, and until when."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Words
from twofa.diagnosis.vocabulary import CauseId, Confidence, Owner
from twofa.diagnosis.words import capital, clock, later
from twofa.models import SendRequest
from twofa.vocabulary import FactorKind, SendOutcome

SMS = FactorKind.SMS
_BY_THE_CLIENT = gettext_lazy(
    "Several codes were asked for in a short time, so the next one has to wait."
)
_BY_OTHERS = gettext_lazy(
    "Very many codes were asked for from your network, or for numbers like yours, so the next one "
    "has to wait; that is not your doing."
)
_LIMITS = {
    SendOutcome.COOLDOWN: Owner.CLIENT,
    SendOutcome.CAP_NUMBER: Owner.CLIENT,
    SendOutcome.CAP_ACCOUNT: Owner.CLIENT,
    SendOutcome.CAP_ADDRESS: Owner.OPERATOR,
    SendOutcome.CAP_PREFIX: Owner.OPERATOR,
}
_THIS_DESTINATION = gettext_lazy("This destination")
_IN_SETTINGS = gettext_lazy("in System > Settings")


def policy(facts: Facts) -> Checked:
    title = _("Our limits")
    if not facts.uses_sms:
        return fine("policy", title, _("No codes by SMS."), facts.at)
    request = next(iter(facts.fresh_requests()), None)
    return judged(
        "policy",
        title,
        [_country(facts), _pause(facts), _limit(facts, request)],
        well=_("Nothing of ours holds back codes to this number."),
        at=request.at if request else facts.at,
    )


def _country(facts: Facts) -> Finding | None:
    if facts.route.is_allowed or not facts.number:
        return None
    refused = [
        row.at for row in facts.fresh_requests() if row.outcome == SendOutcome.COUNTRY_CLOSED
    ]
    closed = _("The country is not among those that codes are sent to.")
    return Finding(
        CauseId.COUNTRY_CLOSED,
        Confidence.CERTAIN,
        (
            Fact(closed, facts.at),
            *(Fact(_("A code was refused for it."), at) for at in refused[:1]),
        ),
        at=facts.at,
        since=min(refused, default=None),
        factor=SMS,
        values={
            "country": facts.route.country or _THIS_DESTINATION,
            "where": _IN_SETTINGS,
            "code": "",
        },
    )


def _pause(facts: Facts) -> Finding | None:
    pause = facts.route.pause
    if pause is None or (pause.is_hold and _was_refused_itself(facts)):
        return None
    return Finding(
        CauseId.ROUTE_PAUSED,
        Confidence.CERTAIN,
        (Fact(later(capital, pause.words), pause.since),),
        at=facts.at,
        since=pause.since,
        factor=SMS,
        values={"what": pause.what, "why": pause.words},
    )


def _was_refused_itself(facts: Facts) -> bool:
    """The hold follows from this client's own message, which says more."""
    last = facts.last_message
    return last is not None and last.message.cause == CauseId.FRAUD_HOLD


def _limit(facts: Facts, request: SendRequest | None) -> Finding | None:
    """Over, once its time has come: the client may simply ask again."""
    if request is None or request.outcome not in _LIMITS:
        return None
    until = request.allowed_from
    if until is not None and until <= facts.at:
        return None
    owner = _LIMITS[SendOutcome(request.outcome)]
    values: dict[str, Words] = {
        "at": later(clock, request.at),
        "which": later(request.get_outcome_display),
        "until": later(_from_when, until) if until else "",
        "told": _BY_OTHERS if owner == Owner.OPERATOR else _BY_THE_CLIENT,
    }
    return Finding(
        CauseId.SEND_LIMIT,
        # A wait of half a minute is seldom why a client calls; a cap is.
        Confidence.POSSIBLE if request.outcome == SendOutcome.COOLDOWN else Confidence.CERTAIN,
        (Fact(_("Refused: %(why)s") % {"why": request.get_outcome_display()}, request.at),),
        at=request.at,
        since=request.at,
        factor=SMS,
        values=values,
        owned_by=owner,
    )


def _from_when(moment: datetime) -> str:
    return _("The next one may be asked for from %(time)s.") % {"time": clock(moment)}
