"""Caps: at most so many messages in an hour or a day, to or from one and the same.

Counted from the ledger of what was queued, whatever became of it, so that a typed code gives
nothing back. The caller holds the turn of everything that is counted: see `send_limits`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import CharField, GenericIPAddressField, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from backoffice.common.ready_values import ReadyValues
from clients.models import User
from twofa.models import SendRequest, VerificationState
from twofa.numbers import prefix_of
from twofa.policy_keys import (
    CAP_ACCOUNT_DAY,
    CAP_ACCOUNT_HOUR,
    CAP_ADDRESS_HOUR,
    CAP_NUMBER_DAY,
    CAP_NUMBER_HOUR,
    CAP_PREFIX_HOUR,
)
from twofa.vocabulary import SendOutcome

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Counts nobody: the ledger has no address where none is known.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens to it


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most()` messages in `window` with the same value of the ledger's `field`."""

    outcome: SendOutcome
    field: str
    window: timedelta
    most: Callable[[], int]


CAPS = (
    Cap(SendOutcome.CAP_NUMBER, "number", HOUR, CAP_NUMBER_HOUR),
    Cap(SendOutcome.CAP_NUMBER, "number", DAY, CAP_NUMBER_DAY),
    Cap(SendOutcome.CAP_ACCOUNT, "user", HOUR, CAP_ACCOUNT_HOUR),
    Cap(SendOutcome.CAP_ACCOUNT, "user", DAY, CAP_ACCOUNT_DAY),
    Cap(SendOutcome.CAP_PREFIX, "prefix", HOUR, CAP_PREFIX_HOUR),
    Cap(SendOutcome.CAP_ADDRESS, "address", HOUR, CAP_ADDRESS_HOUR),
)


def full(
    user: User, *, number: str, address: str | None, at: datetime
) -> tuple[SendOutcome, datetime] | None:
    """The first cap that has no room, and when it will have. One query."""
    filling = _filling(tuple(cap.most() for cap in CAPS))
    (found,) = filling(
        user.pk, number, prefix_of(number), address or NO_ADDRESS, at - HOUR, at - DAY
    )
    for cap, oldest in zip(CAPS, found, strict=True):
        if oldest is not None:
            return cap.outcome, oldest + cap.window
    return None


@lru_cache(maxsize=8)
def _filling(mosts: tuple[int, ...]) -> ReadyValues[tuple[datetime | None, ...]]:
    """Of each cap the message that fills it, if there is one: the n-th newest."""

    def make(
        user: UUID,
        number: str,
        prefix: str,
        address: str,
        hour_ago: datetime,
        day_ago: datetime,
    ) -> QuerySet[VerificationState, tuple[datetime | None, ...]]:
        begins = {HOUR: hour_ago, DAY: day_ago}
        values = {
            "user": user,
            "number": number,
            "prefix": prefix,
            # As text: the driver would make an object of it, which is not the value given.
            "address": Cast(Value(address, CharField()), GenericIPAddressField()),
        }
        fillers = [
            Subquery(
                queued(at__gt=begins[cap.window], **{cap.field: values[cap.field]}).values("at")[
                    most - 1 : most
                ]
            )
            for cap, most in zip(CAPS, mosts, strict=True)
        ]
        return VerificationState.objects.filter(pk=user).values_list(*fillers)

    moments = [datetime(1, 1, day, tzinfo=UTC) for day in (1, 2)]
    return ReadyValues(make, UUID(int=0), "+0", "+", "192.0.2.0", *moments)


def queued(**conditions: object) -> QuerySet[SendRequest]:
    """Of the ledger, what was queued, the newest first."""
    rows = SendRequest.objects.filter(outcome=SendOutcome.QUEUED, **conditions)
    return rows.order_by("-at")
