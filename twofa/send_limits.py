"""What may be sent: checked before any money is spent, under locks, from one ledger.

The caller holds the user's `VerificationState`, so one user's requests come one after the other.
Caps by number, prefix and address go over users: `hold_shared` makes those take turns as well.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backoffice.common import advisory_locks
from backoffice.common.addresses import counted
from backoffice.common.ready_values import ReadyValues
from clients.models import User
from smsproviders import outbox, pauses, spending
from smsproviders.models import EVERYWHERE, PauseReason, RouteScope
from twofa import locks, send_caps
from twofa.models import SendRequest, SmsConfirmation, VerificationState
from twofa.numbers import country_of, is_landline, is_usable, prefix_of
from twofa.policy_keys import ALLOWED_COUNTRIES, METHODS, RESEND_DELAYS
from twofa.send_caps import HOUR, queued
from twofa.vocabulary import FactorKind, SendOutcome

# Of refusals of one kind, for one user.
KEPT_A_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    outcome: SendOutcome
    allowed_from: datetime | None = None


def refusal(
    state: VerificationState, device: SmsConfirmation, *, address: str | None, at: datetime
) -> Refusal | None:
    """Why no message may go to the device's number now; the first reason that holds.

    None: it may. To be followed by the message in the same transaction, which holds the turn.
    """
    number = str(device.number)
    return (
        closed(state, FactorKind.SMS, at=at)
        or _unfit(number, new=not device.confirmed)
        or _paused(device, at=at)
        or cooldown(state, number=number, at=at)
        or _over_a_cap(state.user, number=number, address=address, at=at)
        or _out_of_money(country_of(number), at=at)
    )


def closed(state: VerificationState, factor: FactorKind, *, at: datetime) -> Refusal | None:
    """What holds for every factor: its method is switched off, or the account is locked."""
    if factor not in METHODS():
        return Refusal(SendOutcome.METHOD_OFF)
    lock = locks.lock_of(state, at=at)
    return Refusal(SendOutcome.LOCKED, lock.until) if lock else None


def cooldown(state: VerificationState, *, number: str, at: datetime) -> Refusal | None:
    """Each message since the last right code makes the wait for the next one longer."""
    allowed_from = next_send_allowed(state, number=number, at=at)
    if allowed_from is None or at >= allowed_from:
        return None
    return Refusal(SendOutcome.COOLDOWN, allowed_from)


def next_send_allowed(state: VerificationState, *, number: str, at: datetime) -> datetime | None:
    """When the cooldown of that number ends; None when nothing was sent since the last right code.

    Another number does not wait for one that was mistyped. What never left us is not the client's
    to wait for; the caps count both.
    """
    delays = RESEND_DELAYS()
    begin = at - max(HOUR, timedelta(seconds=max(delays)))
    begin = max(state.last_success_at or begin, begin)
    sent = _newest(len(delays))(state.pk, number, begin)
    return sent[0][0] + timedelta(seconds=delays[len(sent) - 1]) if sent else None


def hold_shared(*, number: str, address: str | None) -> None:
    """Take turns with other users' requests for the same number, prefix or address."""
    advisory_locks.hold(number, prefix_of(number), address or number)


def is_flood(request: SendRequest) -> bool:
    """Whether enough refusals of that kind are on record: pressing on must not fill the log."""
    recent = SendRequest.objects.filter(
        user=request.user, outcome=request.outcome, at__gt=request.at - timedelta(minutes=1)
    )
    return recent.count() >= KEPT_A_MINUTE


def counted_address(address: str) -> str | None:
    """The address as the ledger counts it."""
    return counted(address) or None


def _unfit(number: str, *, new: bool) -> Refusal | None:
    if not is_usable(number, new=new):
        return Refusal(SendOutcome.NUMBER_REFUSED)
    if is_landline(number):
        return Refusal(SendOutcome.LANDLINE)
    if country_of(number) not in ALLOWED_COUNTRIES():
        return Refusal(SendOutcome.COUNTRY_CLOSED)
    return None


def _paused(device: SmsConfirmation, *, at: datetime) -> Refusal | None:
    """A number whose code was typed before is exempt, also when its messages are purged by now."""
    if device.last_used_at is not None:
        return None
    number = str(device.number)
    pause = pauses.blocking(number, country_of(number), at=at)
    if pause is None:
        return None
    if pause.reason == PauseReason.FRAUD_HOLD:
        return Refusal(SendOutcome.FRAUD_HOLD, pause.ends_at)
    by_prefix = pause.scope == RouteScope.PREFIX
    outcome = SendOutcome.PREFIX_PAUSED if by_prefix else SendOutcome.COUNTRY_PAUSED
    return Refusal(outcome, pause.ends_at)


def _over_a_cap(user: User, *, number: str, address: str | None, at: datetime) -> Refusal | None:
    full = send_caps.full(user, number=number, address=address, at=at)
    return Refusal(*full) if full else None


def _out_of_money(country: str, *, at: datetime) -> Refusal | None:
    cap = spending.closed_by(country, at=at)
    if cap is None:
        return None
    pauses.note_closed(cap, at=at)
    everywhere = cap.country == EVERYWHERE
    outcome = SendOutcome.SPEND_ALL if everywhere else SendOutcome.SPEND_COUNTRY
    return Refusal(outcome, cap.until)


@lru_cache(maxsize=8)
def _newest(most: int) -> ReadyValues[tuple[datetime]]:
    """When messages to a number of an account were queued, without those that never left."""

    def make(user: UUID, number: str, begin: datetime) -> QuerySet[SendRequest, tuple[datetime]]:
        never_left = outbox.never_left().filter(pk=OuterRef("message_id"))
        rows = queued(user=user, number=number, at__gt=begin).filter(~Exists(never_left))
        return rows.values_list("at")[:most]

    return ReadyValues(make, UUID(int=0), "+0", datetime.min.replace(tzinfo=UTC))
