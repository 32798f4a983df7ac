"""What may be sent: checked before any money is spent, under locks, from one ledger.

The caller holds the user's `VerificationState`, so one user's requests come one after the other.
Caps by number, prefix and address go over users: `hold_shared` makes those take turns as well.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from backoffice.common.addresses import counted
from clients.models import User
from twofa import locks
from twofa.models import SendRequest, VerificationState
from twofa.numbers import country_of, prefix_of, takes_sms
from twofa.policy_keys import (
    ALLOWED_COUNTRIES,
    CAP_ADDRESS_HOUR,
    CAP_NUMBER_DAY,
    CAP_NUMBER_HOUR,
    CAP_PREFIX_HOUR,
    METHODS,
    RESEND_DELAYS,
)
from twofa.vocabulary import FactorKind, SendOutcome

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Of refusals of one kind, for one user.
KEPT_A_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    outcome: SendOutcome
    allowed_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most()` messages in `window` to or from the same `value` of the ledger's `field`."""

    outcome: SendOutcome
    field: str
    value: str
    window: timedelta
    most: Callable[[], int]


def refusal(
    state: VerificationState, *, number: str, address: str | None, at: datetime
) -> Refusal | None:
    """Why no message may go to that number now; the first reason that holds. None: it may."""
    return (
        closed(state, FactorKind.SMS, at=at)
        or _unfit(number)
        or cooldown(state, at=at)
        or _over_a_cap(number=number, address=address, at=at)
    )


def closed(state: VerificationState, factor: FactorKind, *, at: datetime) -> Refusal | None:
    """What holds for every factor: its method is switched off, or the account is locked."""
    if factor not in METHODS():
        return Refusal(SendOutcome.METHOD_OFF)
    lock = locks.lock_of(state, at=at)
    return Refusal(SendOutcome.LOCKED, lock.until) if lock else None


def cooldown(state: VerificationState, *, at: datetime) -> Refusal | None:
    """Each message since the last right code makes the wait for the next one longer."""
    allowed_from = next_send_allowed(state.user, since=state.last_success_at, at=at)
    if allowed_from is None or at >= allowed_from:
        return None
    return Refusal(SendOutcome.COOLDOWN, allowed_from)


def next_send_allowed(user: User, *, since: datetime | None, at: datetime) -> datetime | None:
    """When the cooldown ends; None when nothing was sent since the last right code."""
    delays = RESEND_DELAYS()
    begin = max(since or at - HOUR, at - max(HOUR, timedelta(seconds=max(delays))))
    sent = list(_queued(at__gt=begin, user=user).values_list("at", flat=True)[: len(delays)])
    return sent[0] + timedelta(seconds=delays[len(sent) - 1]) if sent else None


def hold_shared(*, number: str, address: str | None) -> None:
    """Take turns with other users' requests for the same number, prefix or address.

    PostgreSQL: advisory locks until the transaction ends, taken in one order. SQLite writes one
    transaction at a time anyhow.
    """
    if connection.vendor != "postgresql":
        return
    keys = sorted(_lock_key(text) for text in {prefix_of(number), number, address or number})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def is_flood(request: SendRequest) -> bool:
    """Whether enough refusals of that kind are on record: pressing on must not fill the log."""
    recent = SendRequest.objects.filter(
        user=request.user, outcome=request.outcome, at__gt=request.at - timedelta(minutes=1)
    )
    return recent.count() >= KEPT_A_MINUTE


def counted_address(address: str) -> str | None:
    """The address as the ledger counts it."""
    return counted(address) or None


def _unfit(number: str) -> Refusal | None:
    if not takes_sms(number):
        return Refusal(SendOutcome.NUMBER_REFUSED)
    if country_of(number) not in ALLOWED_COUNTRIES():
        return Refusal(SendOutcome.COUNTRY_CLOSED)
    return None


def _over_a_cap(*, number: str, address: str | None, at: datetime) -> Refusal | None:
    for cap in _caps(number=number, address=address):
        most = cap.most()
        rows = _queued(at__gt=at - cap.window, **{cap.field: cap.value})
        oldest = rows.values_list("at", flat=True)[most - 1 : most].first()
        if oldest is not None:
            return Refusal(cap.outcome, oldest + cap.window)
    return None


def _caps(*, number: str, address: str | None) -> Iterator[Cap]:
    prefix = prefix_of(number)
    yield Cap(SendOutcome.CAP_NUMBER, "number", number, HOUR, CAP_NUMBER_HOUR)
    yield Cap(SendOutcome.CAP_NUMBER, "number", number, DAY, CAP_NUMBER_DAY)
    yield Cap(SendOutcome.CAP_PREFIX, "prefix", prefix, HOUR, CAP_PREFIX_HOUR)
    if address:
        yield Cap(SendOutcome.CAP_ADDRESS, "address", address, HOUR, CAP_ADDRESS_HOUR)


def _queued(**conditions: object) -> QuerySet[SendRequest]:
    rows = SendRequest.objects.filter(outcome=SendOutcome.QUEUED, **conditions)
    return rows.order_by("-at")


def _lock_key(text: str) -> int:
    """A number of 64 bits with a sign, as PostgreSQL wants it."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)
