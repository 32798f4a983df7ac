"""Asking for a code: one challenge a user, factor, purpose and session; the newest only counts."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from backoffice.common import request_context
from backoffice.common.ready_queries import ReadyInsert
from clients.models import User
from twofa import (
    challenge_life,
    code_messages,
    code_rows,
    codes,
    locks,
    log_actions,
    send_limits,
    two_factor_column,
)
from twofa.delivery import resend_from, status
from twofa.models import (
    Challenge,
    SendRequest,
    SmsConfirmation,
    VerificationState,
)
from twofa.numbers import country_of, prefix_of
from twofa.policy_keys import CODE_LIFETIME
from twofa.results import SendRefused, Started
from twofa.send_limits import Refusal
from twofa.vocabulary import FactorKind, Purpose, SendOutcome

__all__ = ["current", "owned", "start", "status"]

# As long as a half sign-in.
AUTHENTICATOR_LIFE = timedelta(minutes=10)

_insert = ReadyInsert(Challenge)


def start(
    user: User, *, factor: FactorKind, purpose: Purpose, binding: str
) -> Started | SendRefused:
    """Ask for a code; a second call is *Resend*: the same code while it lives.

    By SMS the number is the factor's own (ENROL: of the one being enrolled); the message is queued
    in the same transaction. Limits, country and lock are checked here, and a refusal is recorded.
    `binding` comes from `twofa.bindings`; the address from the request's context.
    """
    if factor == FactorKind.RECOVERY:
        raise ValueError("recovery codes are not asked for")
    with transaction.atomic():
        state = locks.hold(user)
        if factor == FactorKind.AUTHENTICATOR:
            return _start_authenticator(state, purpose=purpose, binding=binding)
        return _start_sms(state, purpose=purpose, binding=binding)


def current(user: User, *, factor: FactorKind, purpose: Purpose, binding: str) -> Challenge | None:
    """The session's newest challenge of that purpose, dead or alive."""
    challenge = code_rows.newest_asked(user, factor=factor, purpose=purpose, binding=binding)
    if challenge is not None:
        challenge.user = user  # spares the page a query
    return challenge


def owned(challenge_id: UUID, *, binding: str) -> Challenge | None:
    """A challenge by id, if this session asked for it; None for another's, as for a missing one."""
    rows = Challenge.objects.select_related("user__verification_state")
    return rows.filter(pk=challenge_id, binding=binding).first()


def _start_authenticator(
    state: VerificationState, *, purpose: Purpose, binding: str
) -> Started | SendRefused:
    at, user = timezone.now(), state.user
    refused = send_limits.closed(state, FactorKind.AUTHENTICATOR, at=at)
    if refused:
        return SendRefused(refused.outcome, refused.allowed_from)
    device = code_rows.authenticator_of(user.pk, confirmed=purpose != Purpose.ENROL)
    if device is None:
        return SendRefused(SendOutcome.METHOD_OFF)
    asked = challenge_life.asked(
        user, factor=FactorKind.AUTHENTICATOR, purpose=purpose, binding=binding
    )
    challenge = asked.first()
    if challenge and challenge_life.is_live(challenge, at=at) and challenge.factor_id == device.pk:
        return Started(challenge)
    challenge_life.supersede(asked, at=at)
    return Started(
        Challenge.objects.create(
            user=user,
            factor=FactorKind.AUTHENTICATOR,
            purpose=purpose,
            binding=binding,
            factor_id=device.pk,
            public_reference=challenge_life.new_reference(),
            created_at=at,
            expires_at=at + AUTHENTICATOR_LIFE,
        )
    )


def _start_sms(
    state: VerificationState, *, purpose: Purpose, binding: str
) -> Started | SendRefused:
    at, user = timezone.now(), state.user
    device = code_rows.number_of(user.pk, confirmed=purpose != Purpose.ENROL)
    number = str(device.number) if device else ""
    address = send_limits.counted_address(request_context.current().address)
    asked = challenge_life.asked(user, factor=FactorKind.SMS, purpose=purpose, binding=binding)
    challenge = asked.filter(factor_id=device.pk if device else None).first()
    if challenge is not None:
        challenge.user = user  # whose state is at hand
    request = SendRequest(
        user=user,
        at=at,
        number=number,
        prefix=prefix_of(number),
        country=country_of(number),
        address=address,
    )
    if device is None:
        return _refuse(request, Refusal(SendOutcome.NO_NUMBER), purpose=purpose, standing=None)
    send_limits.hold_shared(number=number, address=address)
    refused = send_limits.refusal(state, device, address=address, at=at)
    if refused:
        standing = challenge if challenge and challenge_life.is_live(challenge, at=at) else None
        return _refuse(request, refused, purpose=purpose, standing=standing)
    if challenge is None or not challenge_life.is_worth_sending(challenge, at=at):
        challenge = _new_sms_challenge(user, device, purpose=purpose, binding=binding, at=at)
    return _send(challenge, request)


def _new_sms_challenge(
    user: User, device: SmsConfirmation, *, purpose: Purpose, binding: str, at: datetime
) -> Challenge:
    challenge_life.supersede(Challenge.objects.filter(user=user, factor=FactorKind.SMS), at=at)
    challenge = Challenge(
        user=user,
        factor=FactorKind.SMS,
        purpose=purpose,
        binding=binding,
        factor_id=device.pk,
        number=str(device.number),
        public_reference=challenge_life.new_reference(),
        created_at=at,
        expires_at=at + timedelta(seconds=CODE_LIFETIME()),
    )
    challenge.code = codes.new_code()
    challenge.code_digest = codes.digest(challenge.code, challenge_id=challenge.pk)
    _insert(challenge)
    return challenge


def _send(challenge: Challenge, request: SendRequest) -> Started:
    code_messages.send(challenge, request)
    _log(request, purpose=challenge.purpose, reference=challenge.public_reference)
    return Started(challenge, resend_from(challenge, at=request.at))


def _refuse(
    request: SendRequest, refused: Refusal, *, purpose: Purpose, standing: Challenge | None
) -> SendRefused:
    request.challenge = standing
    request.outcome, request.allowed_from = refused.outcome, refused.allowed_from
    if not send_limits.is_flood(request):
        request.save(force_insert=True)
        _log(request, purpose=purpose, reference=standing.public_reference if standing else "")
    if refused.outcome != SendOutcome.COOLDOWN:
        two_factor_column.note_trouble(request.user, at=request.at)
    return SendRefused(refused.outcome, refused.allowed_from, standing)


def _log(request: SendRequest, *, purpose: str, reference: str) -> None:
    sent = request.outcome == SendOutcome.QUEUED
    until = request.allowed_from
    log.record(
        log_actions.CODE_SENT if sent else log_actions.SEND_REFUSED,
        actor=log_actions.actor(request.user),
        subject=log_actions.subject(request.user),
        outcome=Outcome.DONE if sent else Outcome.REFUSED,
        facts={
            "factor": FactorKind.SMS.value,
            "purpose": str(purpose),
            "outcome": str(request.outcome),
            "country": request.country,
            "until": until.isoformat(timespec="seconds") if until else "",
            "reference": reference,
        },
    )
