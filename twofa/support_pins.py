"""The support PIN: a signed-in client reads it out, the operator types it.

It is the other way round than swindlers have it: no code that opens anything is ever read out. The
PIN opens nothing either; it tells this one operator that the caller has a session of the client.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common.encryption import derive_key
from backoffice.common.identifiers import first_uuid7_at
from clients.models import User, UserSession
from twofa import caller_checks, codes, log_actions, people, step_up
from twofa.models import CallerCheck, SupportPin
from twofa.operator_acts import NotDone, forbidden, hold_both, record
from twofa.vocabulary import CallerProof, Malformed

IDENTIFY = "twofa.identify_caller"
LIFE = timedelta(minutes=10)
SHOWN_AN_HOUR = 10
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Wrong PINs, of one operator and of one client, within a quarter of an hour.
TRIES, WITHIN = 5, timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Shown:
    """`pin` is shown once, in the answer to the button."""

    pin: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class WrongPin:
    """`malformed`: why it cannot be one; not counted. `too_many`: nothing was compared."""

    malformed: Malformed | None = None
    too_many: bool = False


def may_identify(operator: User, user: User) -> bool:
    return forbidden(operator, user, IDENTIFY) is None


def show(request: HttpRequest) -> Shown | None:
    """A new PIN for the signed-in user, in place of the one before; None: too many in an hour."""
    user = people.signed_in(request)
    at = timezone.now()
    with transaction.atomic():
        step_up.hold_signed_in(request)
        if SupportPin.objects.filter(user=user, at__gt=at - HOUR).count() >= SHOWN_AN_HOUR:
            return None
        _live(user, at=at).update(expires_at=at)
        pin = codes.new_code()
        device = people.code_device(request)
        row = SupportPin(
            user=user,
            session=UserSession.objects.get(session_key=request.session.session_key),
            factor=device.kind.value if device else "",
            at=at,
            expires_at=at + LIFE,
        )
        row.digest = _digest(pin, row.pk)
        row.save(force_insert=True)
        log.record(
            log_actions.PIN_SHOWN,
            actor=log_actions.actor(user),
            subject=log_actions.subject(user),
        )
    return Shown(pin, row.expires_at)


def identify(user: User, typed: str, *, operator: User) -> CallerCheck | WrongPin | NotDone:
    """Check the PIN that the caller read out; it is used up when it is right.

    By the password alone (a client without a factor) it proves no more than a password does.
    """
    pin = codes.normalise(typed)
    with transaction.atomic():
        hold_both(user, operator)
        if refused := forbidden(operator, user, IDENTIFY):
            record(log_actions.PIN_CHECKED, operator, user, refused)
            return refused
        if isinstance(pin, Malformed):
            return WrongPin(malformed=pin)
        at = timezone.now()
        if _too_many(user, operator, at=at):
            return WrongPin(too_many=True)
        row = _live(user, at=at).filter(session__ended_at=None).order_by("-id").first()
        if row is None or not codes.equal(row.digest, _digest(pin, row.pk)):
            _log_wrong(user, operator)
            return WrongPin()
        row.used_at = at
        row.save(update_fields=["used_at"])
        proof = CallerProof.PIN if row.factor else CallerProof.PASSWORD
        return caller_checks.note(user, operator, proof, at=at, factor=row.factor)


def _live(user: User, *, at: datetime) -> QuerySet[SupportPin]:
    return SupportPin.objects.filter(user=user, used_at=None, expires_at__gt=at)


def _too_many(user: User, operator: User, *, at: datetime) -> bool:
    """Of this operator, whoever calls, or of this client, whoever asks."""
    wrong = AuditEvent.objects.filter(
        action=log_actions.PIN_CHECKED.key,
        outcome=Outcome.FAILED,
        at__gt=at - WITHIN,
        id__gte=first_uuid7_at(at - DAY),  # what the index goes by
    )
    by_operator = wrong.filter(actor_id=str(operator.pk))
    of_client = wrong.filter(subject=log_actions.subject(user))
    return by_operator.count() >= TRIES or of_client.count() >= TRIES


def _log_wrong(user: User, operator: User) -> None:
    log.record(
        log_actions.PIN_CHECKED,
        actor=log_actions.actor(operator),
        subject=log_actions.subject(user),
        outcome=Outcome.FAILED,
    )


def _digest(pin: str, key: UUID) -> str:
    """Keyed, since so short a PIN could be found by trying all."""
    return hmac.new(
        derive_key("twofa support pin"), key.bytes + pin.encode(), hashlib.sha256
    ).hexdigest()
