"""What an operator does for a client who waits: the same code once more, by another provider too.

The code goes to the number it was made for, within the limits that hold for the client's own
*Resend*; only its life cannot be made longer. One function: permission, limits, message and log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common.identifiers import first_uuid7_at
from clients.models import User
from smsproviders import resending
from smsproviders.models import SmsMessage
from twofa import challenge_life, code_messages, locks, log_actions, send_limits
from twofa.models import Challenge, SendRequest, SmsConfirmation, VerificationState
from twofa.numbers import country_of, prefix_of
from twofa.policy_keys import RESENDS_HOUR
from twofa.vocabulary import SendOutcome

HOUR = timedelta(hours=1)


class NotSentAgain(Enum):
    """Why not, where the limits of the client's own *Resend* are not the reason."""

    NOT_ALLOWED = "not_allowed"
    NO_CODE = "no_code"  # a test or a notice, or its challenge is gone
    TYPED = "typed"  # the code was used
    SUPERSEDED = "superseded"  # a newer one was asked for, or the factor changed
    OVER = "over"  # its life is over, or nearly
    TOO_MANY = "too_many"  # this operator's limit an hour
    NO_SUCH_PROVIDER = "no_such_provider"  # it does not serve that country now


@dataclass(frozen=True, slots=True)
class SentAgain:
    message: SmsMessage


@dataclass(frozen=True, slots=True)
class Kept:
    """Nothing was sent. `allowed_from` None: waiting does not help."""

    why: NotSentAgain | SendOutcome
    allowed_from: datetime | None = None


def obstacle(challenge: Challenge | None, *, at: datetime) -> NotSentAgain | None:
    """For the page: why the code of that challenge cannot be sent again, whoever asks."""
    if challenge is None or not challenge.number:
        return NotSentAgain.NO_CODE
    if challenge.consumed_at is not None:
        return NotSentAgain.TYPED
    if challenge.superseded_at is not None:
        return NotSentAgain.SUPERSEDED
    return None if challenge_life.is_worth_sending(challenge, at=at) else NotSentAgain.OVER


def send_again(message: SmsMessage, *, operator: User, by: UUID | None = None) -> SentAgain | Kept:
    """Queue the code of `message` once more, linked to it. `by`: that provider alone.

    A refusal changes nothing, and is logged too.
    """
    challenge = challenge_of(message)
    if challenge is None:
        allowed = operator.has_perm(resending.RESEND)
        result = Kept(NotSentAgain.NO_CODE if allowed else NotSentAgain.NOT_ALLOWED)
        _log(message, None, operator, result)
        return result
    with transaction.atomic():
        state = _hold_both(challenge.user, operator)
        challenge.refresh_from_db()  # as it is now that nobody else can change it
        challenge.user = state.user
        done = _try(message, challenge, state, operator, by)
        _log(message, challenge, operator, done)
    return done


def challenge_of(message: SmsMessage) -> Challenge | None:
    try:
        key = UUID(message.reference)
    except ValueError:
        return None  # of something else, or of nothing
    return Challenge.objects.select_related("user").filter(pk=key).first()


def _try(
    message: SmsMessage,
    challenge: Challenge,
    state: VerificationState,
    operator: User,
    by: UUID | None,
) -> SentAgain | Kept:
    at = timezone.now()
    if not operator.has_perm(resending.RESEND):
        return Kept(NotSentAgain.NOT_ALLOWED)
    if why := obstacle(challenge, at=at) or _too_many(operator, at=at):
        return Kept(why)
    providers = {one.pk: one for one in resending.choices(message)} if by else {}
    if by and by not in providers:
        return Kept(NotSentAgain.NO_SUCH_PROVIDER)
    if refused := _refused(challenge, state, at=at):
        return refused
    provider = providers[by] if by else None
    request = _request(challenge, at=at)
    return SentAgain(code_messages.send(challenge, request, again=message, by=provider))


def _refused(challenge: Challenge, state: VerificationState, *, at: datetime) -> Kept | None:
    """By what holds for the client's own *Resend*."""
    number = challenge.number
    device = SmsConfirmation.objects.filter(pk=challenge.factor_id, number=number).first()
    if device is None:
        return Kept(NotSentAgain.SUPERSEDED)
    # Without an address: the operator's is not the client's, whose limit it would use up.
    send_limits.hold_shared(number=number, address=None)
    refused = send_limits.refusal(state, device, address=None, at=at)
    return Kept(refused.outcome, refused.allowed_from) if refused else None


def _request(challenge: Challenge, *, at: datetime) -> SendRequest:
    return SendRequest(
        user=challenge.user,
        at=at,
        number=challenge.number,
        prefix=prefix_of(challenge.number),
        country=country_of(challenge.number),
    )


def _hold_both(user: User, operator: User) -> VerificationState:
    """The rows of both, always in one order, so that two operators cannot wait for each other."""
    people = {person.pk: person for person in (operator, user)}
    held = {pk: locks.hold(people[pk]) for pk in sorted(people)}
    return held[user.pk]


def _too_many(operator: User, *, at: datetime) -> NotSentAgain | None:
    """Counted under the operator's own row, so that parallel requests do not slip through."""
    done = AuditEvent.objects.filter(
        actor_id=str(operator.pk),
        action=log_actions.CODE_SENT_AGAIN.key,
        outcome=Outcome.DONE,
        id__gte=first_uuid7_at(at - HOUR),
    )
    return NotSentAgain.TOO_MANY if done.count() >= RESENDS_HOUR() else None


def _log(
    message: SmsMessage, challenge: Challenge | None, operator: User, done: SentAgain | Kept
) -> None:
    facts: dict[str, Any] = {"message": str(message.pk)}
    if challenge is not None:
        facts |= {"purpose": challenge.purpose, "reference": challenge.public_reference}
    if isinstance(done, SentAgain):
        by = done.message.only_provider
        facts |= {"sent_as": str(done.message.pk), "provider": by.name if by else ""}
    else:
        facts |= {"refused": done.why.value}
    log.record(
        log_actions.CODE_SENT_AGAIN,
        actor=log_actions.actor(operator),
        subject=log_actions.subject(challenge.user) if challenge else "",
        outcome=Outcome.DONE if isinstance(done, SentAgain) else Outcome.REFUSED,
        facts=facts,
    )
