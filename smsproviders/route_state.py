"""How the route to a country stands, as last seen: per provider what is wrong with it, since when.

For pages and commands: nothing is asked of a provider here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from backoffice.common.written_uuid import WrittenUuid
from smsproviders.accounts import words_for
from smsproviders.log_actions import PROVIDER_DISABLED
from smsproviders.models import (
    EVERY_COUNTRY,
    Breaker,
    ProviderCondition,
    SmsProvider,
)
from smsproviders.vocabulary import (
    Cause,
    CheckResult,
    ConditionKind,
    Words,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a provider, by its last check or its breaker.

    `words` say what the provider's answer means; `code` is that answer, where one call gave it.
    """

    cause: Cause
    words: Words
    since: datetime | None
    seen_at: datetime | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """`stops`: nothing goes out by it. `blind`: its reports do not reach us (refused, missing)."""

    provider: SmsProvider
    stops: Trouble | None
    blind: str
    blind_since: datetime | None


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A provider that would serve the country. `since`: as the log has it, else its last change."""

    provider: SmsProvider
    since: datetime


@dataclass(frozen=True, slots=True)
class RouteState:
    """`serving`: enabled, the first to try first; `disabled`: the same, switched off."""

    serving: Sequence[ProviderState]
    disabled: Sequence[SwitchedOff]
    providers: Mapping[UUID, SmsProvider]  # all there are

    @property
    def is_open(self) -> bool:
        return any(state.stops is None for state in self.serving)


def route_state(country: str) -> RouteState:
    """One query."""
    rows = list(
        SmsProvider.objects.order_by("priority", "caption", "pk").annotate(
            access_since=_condition(ConditionKind.ACCESS, "since"),
            balance_since=_condition(ConditionKind.BALANCE, "since"),
            blind=_condition(ConditionKind.REPORTS, "state"),
            blind_since=_condition(ConditionKind.REPORTS, "since"),
            disabled_at=_disabled_at(),
            opened_at=_opened(country, "opened_at"),
            opened_cause=_opened(country, "cause"),
            opened_code=_opened(country, "error_code"),
        )
    )
    serving = [row for row in rows if row.serves(country)]
    return RouteState(
        serving=[_state(row) for row in serving if row.enabled],
        disabled=[
            SwitchedOff(row, row.disabled_at or row.changed_at)
            for row in serving
            if not row.enabled
        ],
        providers={row.pk: row for row in rows},
    )


def _condition(kind: ConditionKind, column: str) -> Subquery:
    """Of a condition that is not well."""
    rows = ProviderCondition.objects.filter(provider=OuterRef("pk"), kind=kind)
    return Subquery(rows.exclude(state="").values(column)[:1])


def _opened(country: str, column: str) -> Subquery:
    """Of the breaker that opened first, towards the country or as a whole."""
    rows = Breaker.objects.filter(
        provider=OuterRef("pk"), country__in=[country, EVERY_COUNTRY], opened_at__isnull=False
    )
    return Subquery(rows.order_by("opened_at", "pk").values(column)[:1])


def _disabled_at() -> Subquery:
    subject = Concat(Value("provider:"), WrittenUuid(OuterRef("pk")))
    acts = AuditEvent.objects.filter(subject=subject, action=PROVIDER_DISABLED.key)
    return Subquery(acts.order_by("-id").values("at")[:1])


def _state(row: Any) -> ProviderState:
    return ProviderState(
        provider=row,
        stops=_unpaid(row) or _access(row) or _balance(row) or _breaker(row),
        blind=row.blind or "",
        blind_since=row.blind_since,
    )


def _unpaid(row: Any) -> Trouble | None:
    """Suspended while nothing is left: to be topped up, before anybody asks why."""
    suspended = row.credentials_cause == Cause.ACCOUNT_SUSPENDED
    return _balance(row) if suspended and _access(row) else None


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
    if row.opened_at is None:
        return None
    cause = Cause(row.opened_cause) if row.opened_cause else Cause.PROVIDER_DOWN
    words = words_for(row, row.opened_code) if row.opened_code else ""
    return Trouble(cause, words, row.opened_at, timezone.now(), row.opened_code)
