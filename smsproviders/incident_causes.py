"""Whose matter an incident is, by what most of its failures say. Nothing is guessed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from smsproviders.incident_sends import Send
from smsproviders.models import IncidentKind, IncidentOwner
from smsproviders.vocabulary import Cause

_OPERATOR = frozenset(
    {
        Cause.CREDENTIALS_REJECTED,
        Cause.TEST_CREDENTIALS,
        Cause.ACCOUNT_SUSPENDED,
        Cause.BALANCE_LOW,
        Cause.SENDER_REJECTED,
        Cause.PROVIDER_INCOMPLETE,
        Cause.TEMPLATE_BROKEN,
        Cause.CALLBACK_INVALID,
        Cause.NO_PROVIDER,
        Cause.COUNTRY_CLOSED,
        Cause.RECEIPTS_BROKEN,
    }
)
_CARRIER = frozenset({Cause.CARRIER_CONGESTED, Cause.CARRIER_DELAY})
_PROVIDER = frozenset({Cause.PROVIDER_DOWN, Cause.RATE_LIMITED_BY_PROVIDER, Cause.FRAUD_HOLD})


@dataclass(frozen=True, slots=True)
class Common:
    cause: str
    error_code: str
    owner: IncidentOwner


def common(kind: IncidentKind, bad: Iterable[Send], *, of_several: bool) -> Common:
    """`of_several`: several providers fail at once, so it is hardly one of them."""
    match kind:
        case IncidentKind.QUEUE:
            return Common(Cause.EXPIRED_BEFORE_SENDING, "", IncidentOwner.PLATFORM)
        case IncidentKind.RECEIPTS:
            return Common(Cause.CARRIER_DELAY, "", IncidentOwner.CARRIER)
        case IncidentKind.CONVERSION:
            return Common("", "", IncidentOwner.UNKNOWN)
    told = {(send.cause, send.error_code, send.number) for send in bad}
    causes = Counter(cause for cause, _code, _number in told)
    (cause, _n) = next(iter(causes.most_common(1)), ("", 0))
    codes = Counter(code for of, code, _number in told if of == cause and code)
    (code, _n) = next(iter(codes.most_common(1)), ("", 0))
    return Common(cause, code, _owner(cause, of_several=of_several))


def _owner(cause: str, *, of_several: bool) -> IncidentOwner:
    if cause in _OPERATOR:
        return IncidentOwner.OPERATOR
    if cause in _CARRIER:
        return IncidentOwner.CARRIER
    if cause in _PROVIDER and not of_several:
        return IncidentOwner.PROVIDER
    return IncidentOwner.UNKNOWN
