"""Our own rules of sending: what they refused this client, and until when."""

from django.utils.translation import gettext as _

from backoffice.common.masking import mask_phone
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock
from twofa.models import SendRequest
from twofa.vocabulary import FactorKind, SendOutcome

SMS = FactorKind.SMS
_LIMITS = frozenset(
    {
        SendOutcome.COOLDOWN,
        SendOutcome.CAP_NUMBER,
        SendOutcome.CAP_ACCOUNT,
        SendOutcome.CAP_ADDRESS,
        SendOutcome.CAP_PREFIX,
    }
)
_PAUSES = frozenset(
    {
        SendOutcome.SPEND_COUNTRY,
        SendOutcome.SPEND_ALL,
        SendOutcome.PREFIX_PAUSED,
        SendOutcome.COUNTRY_PAUSED,
        SendOutcome.FRAUD_HOLD,
    }
)


def policy(facts: Facts) -> Checked:
    title = _("Our limits")
    if not facts.uses_sms:
        return fine("policy", title, _("No codes by SMS."), facts.at)
    request = next(iter(facts.fresh_requests()), None)
    return judged(
        "policy",
        title,
        [_country(facts), _pause(facts), _refused(facts, request)],
        well=_("Nothing of ours holds back codes to this number."),
        at=request.at if request else facts.at,
    )


def _country(facts: Facts) -> Finding | None:
    if facts.route.is_allowed or not facts.number:
        return None
    return Finding(
        CauseId.COUNTRY_CLOSED,
        Confidence.CERTAIN,
        (Fact(_("The country is not among those that codes are sent to."), facts.at),),
        at=facts.at,
        factor=SMS,
        values={
            "country": facts.route.country or _("This destination"),
            "where": _("in System > Settings"),
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
        (Fact(pause.words, pause.since),),
        at=facts.at,
        since=pause.since,
        factor=SMS,
        values={"what": pause.what, "why": pause.words},
    )


def _was_refused_itself(facts: Facts) -> bool:
    """The hold follows from this client's own message, which says more."""
    last = facts.last_message
    return last is not None and last.message.cause == CauseId.FRAUD_HOLD


def _refused(facts: Facts, request: SendRequest | None) -> Finding | None:
    if request is None:
        return None
    if request.outcome in _LIMITS:
        return _limit(facts, request)
    if request.outcome in _PAUSES and facts.route.pause is None:
        return _paused_then(facts, request)
    return None


def _limit(facts: Facts, request: SendRequest) -> Finding | None:
    """Over, once its time has come: the client may simply ask again."""
    if request.allowed_from is not None and request.allowed_from <= facts.at:
        return None
    until = (
        _("The next one may be asked for from %(time)s.") % {"time": clock(request.allowed_from)}
        if request.allowed_from
        else ""
    )
    is_cooldown = request.outcome == SendOutcome.COOLDOWN
    words = request.get_outcome_display()
    return Finding(
        CauseId.SEND_LIMIT,
        # A wait of half a minute is seldom why a client calls; a cap is.
        Confidence.POSSIBLE if is_cooldown else Confidence.CERTAIN,
        (Fact(_("Refused: %(why)s") % {"why": words}, request.at),),
        at=request.at,
        since=request.at,
        factor=SMS,
        values={"at": clock(request.at), "which": words, "until": until},
    )


def _paused_then(facts: Facts, request: SendRequest) -> Finding | None:
    if request.allowed_from is not None and request.allowed_from <= facts.at:
        return None
    words = request.get_outcome_display()
    return Finding(
        CauseId.ROUTE_PAUSED,
        Confidence.CERTAIN,
        (Fact(_("Refused: %(why)s") % {"why": words}, request.at),),
        at=request.at,
        since=request.at,
        factor=SMS,
        values={"what": mask_phone(request.number), "why": words},
    )
