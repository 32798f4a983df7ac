"""How the route to a country stands, as last seen: per provider what is wrong with it, since when.

For pages and commands: nothing is asked of a provider here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import (
    EVERY_COUNTRY,
    Breaker,
    ProviderCondition,
    SmsAttempt,
    SmsProvider,
)
from smsproviders.vocabulary import BreakerState, Cause, CheckResult, ConditionKind, Decision

BASELINE_WINDOW = timedelta(hours=24)
BASELINE_ROWS = 200
# Fewer messages make no habit.
BASELINE_AT_LEAST = 5
# Younger messages may still get their receipt.
SETTLED_AFTER = timedelta(minutes=2)
SLOW = timedelta(seconds=10)
RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a provider, by its last check or its breaker. `words`: the provider's."""

    cause: Cause
    words: str
    since: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderState:
    """`stops`: nothing goes out by it. `blind`: its reports do not reach us (refused, missing)."""

    provider: SmsProvider
    stops: Trouble | None
    blind: str
    blind_since: datetime | None


@dataclass(frozen=True, slots=True)
class RouteState:
    """`serving`: enabled, the first to try first; `disabled`: would serve the country."""

    serving: Sequence[ProviderState]
    disabled: Sequence[SmsProvider]
    providers: Mapping[UUID, SmsProvider]  # all there are

    @property
    def is_open(self) -> bool:
        return any(state.stops is None for state in self.serving)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for messages by one provider to one country, in the last 24 hours."""

    messages: int
    delivered: int
    usual: timedelta | None  # the median from taken to delivered
    recent: int  # of the last ten minutes
    slow: int  # of those, not with the network 10 s after they were taken

    @property
    def gives_receipts(self) -> bool:
        return self.messages >= BASELINE_AT_LEAST and self.delivered * 2 >= self.messages

    @property
    def is_slow(self) -> bool:
        return self.recent >= BASELINE_AT_LEAST and self.slow * 2 >= self.recent


def route_state(country: str) -> RouteState:
    """Two queries."""
    breakers = Breaker.objects.filter(country__in=[country, EVERY_COUNTRY])
    rows = list(
        SmsProvider.objects.order_by("priority", "caption", "pk")
        .annotate(
            access_since=_condition(ConditionKind.ACCESS, "since"),
            balance_since=_condition(ConditionKind.BALANCE, "since"),
            blind=_condition(ConditionKind.REPORTS, "state"),
            blind_since=_condition(ConditionKind.REPORTS, "since"),
        )
        .prefetch_related(Prefetch("breakers", breakers))
    )
    serving = [row for row in rows if row.serves(country)]
    return RouteState(
        serving=[_state(row) for row in serving if row.enabled],
        disabled=[row for row in serving if not row.enabled],
        providers={row.pk: row for row in rows},
    )


def _condition(kind: ConditionKind, column: str) -> Subquery:
    """Of a condition that is not well."""
    rows = ProviderCondition.objects.filter(provider=OuterRef("pk"), kind=kind)
    return Subquery(rows.exclude(state="").values(column)[:1])


def baseline(
    provider_id: UUID, country: str, *, but: UUID | None = None, at: datetime | None = None
) -> Baseline:
    """One query, of the newest attempts that the provider took before that moment.

    `but`: a message to leave out.
    """
    now = at or timezone.now()
    attempts = SmsAttempt.objects.filter(
        provider=provider_id,
        id__gte=first_uuid7_at(now - BASELINE_WINDOW),
        started_at__lte=now,
        decision=Decision.DONE,
        message__country=country,
    ).exclude(message=but)
    rows = list(
        attempts.order_by("-id").values_list(
            "message__accepted_at", "message__sent_at", "message__delivered_at"
        )[:BASELINE_ROWS]
    )
    taken = [(at, sent, delivered) for at, sent, delivered in rows if at is not None]
    settled = [row for row in taken if row[2] or now - row[0] > SETTLED_AFTER]
    seconds = [(row[2] - row[0]).total_seconds() for row in settled if row[2]]
    recent = [row for row in taken if SLOW < now - row[0] < RECENT]
    return Baseline(
        messages=len(settled),
        delivered=len(seconds),
        usual=timedelta(seconds=median(seconds)) if seconds else None,
        recent=len(recent),
        slow=sum((row[1] or row[2] or now) - row[0] > SLOW for row in recent),
    )


def _state(row: Any) -> ProviderState:
    return ProviderState(
        provider=row,
        stops=_access(row) or _balance(row) or _breaker(row),
        blind=row.blind or "",
        blind_since=row.blind_since,
    )


def _access(row: Any) -> Trouble | None:
    if row.credentials_result != CheckResult.PROBLEM:
        return None
    return Trouble(
        Cause(row.credentials_cause) if row.credentials_cause else Cause.UNEXPLAINED,
        row.credentials_words,
        row.access_since or row.credentials_checked_at,
        row.credentials_checked_at,
    )


def _balance(row: Any) -> Trouble | None:
    if row.balance is None or row.balance > 0:
        return None
    words = f"{row.balance:.2f} {row.currency}".strip()
    at = row.balance_checked_at
    return Trouble(Cause.BALANCE_LOW, words, row.balance_since or at, at)


def _breaker(row: Any) -> Trouble | None:
    opened = [one for one in row.breakers.all() if one.state != BreakerState.CLOSED]
    return _of_breaker(opened[0]) if opened else None


def _of_breaker(one: Breaker) -> Trouble:
    cause = Cause(one.cause) if one.cause else Cause.PROVIDER_DOWN
    return Trouble(cause, one.error_code, one.opened_at, timezone.now())
