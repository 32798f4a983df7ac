"""How far a code got, in the words of the client's page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from backoffice.common.masking import phone_ending
from backoffice.common.ready_values import ReadyValues
from smsproviders import outbox
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.usual_arrival import usual_arrival
from smsproviders.vocabulary import Cause, MessageState
from twofa import challenge_life, send_limits
from twofa.models import Challenge
from twofa.results import Status
from twofa.vocabulary import Delivery, FactorKind, Trouble

# Longer in our queue, or at a provider, than codes take when all is well.
SLOW = timedelta(seconds=10)

_PLAIN = {
    MessageState.SENT: Delivery.HANDED_OVER,
    MessageState.DELIVERED: Delivery.DELIVERED,
    MessageState.UNKNOWN: Delivery.UNCONFIRMED,
    MessageState.UNDELIVERED: Delivery.NOT_DELIVERED,
    MessageState.FAILED: Delivery.NOT_DELIVERED,
    MessageState.EXPIRED: Delivery.NOT_DELIVERED,
}
_UNTIL_SLOW = {
    MessageState.QUEUED: Delivery.WAITING,
    MessageState.SENDING: Delivery.SENDING,
    MessageState.ACCEPTED: Delivery.HANDED_OVER,
}
_TROUBLE = {
    Cause.NUMBER_INVALID: Trouble.NUMBER,
    Cause.NUMBER_UNKNOWN: Trouble.NUMBER,
    Cause.LANDLINE: Trouble.NUMBER,
    Cause.HANDSET_UNREACHABLE: Trouble.UNREACHABLE,
    Cause.OPTED_OUT: Trouble.OPTED_OUT,
    Cause.CARRIER_BLOCKED: Trouble.NETWORK,
    Cause.CARRIER_CONGESTED: Trouble.NETWORK,
    Cause.CARRIER_DELAY: Trouble.NETWORK,
}


def status(challenge: Challenge) -> Status:
    """What the client's page shows live. No code and no whole number in it."""
    at = timezone.now()
    is_sms = challenge.factor == FactorKind.SMS
    message = outbox.latest(str(challenge.pk)) if is_sms else None
    delivery = _delivery(message, at=at) if message else None
    route = _route(message) if message else _Route()
    return Status(
        reference=challenge.public_reference,
        factor=FactorKind(challenge.factor),
        delivery=delivery,
        trouble=_trouble(message) if message and delivery is Delivery.NOT_DELIVERED else None,
        ending=phone_ending(challenge.number) if challenge.number else "",
        sender=route.sender,
        sent_at=challenge.last_sent_at,
        delivered_at=message.delivered_at if message else None,
        expires_at=challenge.expires_at,
        resend_from=resend_from(challenge, at=at) if is_sms else None,
        is_live=challenge_life.is_live(challenge, at=at),
        usual=route.usual,
    )


def resend_from(challenge: Challenge, *, at: datetime) -> datetime:
    """From when the next message to its number may be asked for."""
    state = challenge.user.verification_state
    return send_limits.next_send_allowed(state, number=challenge.number, at=at) or at


def _delivery(message: SmsMessage, *, at: datetime) -> Delivery:
    state = MessageState(message.state)
    if state in _UNTIL_SLOW:
        return Delivery.DELAYED if at - message.created_at > SLOW else _UNTIL_SLOW[state]
    return _PLAIN[state]


def _trouble(message: SmsMessage) -> Trouble:
    return next((told for cause, told in _TROUBLE.items() if cause == message.cause), Trouble.OURS)


_last_attempts: ReadyValues[tuple[str, UUID]] = ReadyValues(
    lambda message_id: (
        SmsAttempt.objects.filter(message=message_id)
        .order_by("-number")
        .values_list("sender", "provider")[:1]
    ),
    UUID(int=0),
)


@dataclass(frozen=True, slots=True)
class _Route:
    sender: str = ""
    usual: timedelta | None = None


def _route(message: SmsMessage) -> _Route:
    """By which the message went last."""
    last = next(iter(_last_attempts(message.pk)), None)
    if last is None:
        return _Route()
    sender, provider = last
    return _Route(sender, usual_arrival(provider, message.country) if provider else None)
