"""What is wrong with a provider, since when, and whether operators were told of it.

A state is derived anew from what is known at the moment, so nothing is lost when a process dies
between a change and its telling: the next look finds both. Who is told, and how, is decided above.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backoffice.audit import log
from smsproviders import breakers, report_evidence
from smsproviders.log_actions import HEALTH_CHANGED, subject_of
from smsproviders.models import Breaker, ProviderCondition, SmsProvider
from smsproviders.vocabulary import Cause, CheckResult, ConditionKind

WELL = ""
LOW, GONE = "low", "gone"
NO_COUNTRY = "-"
# After a telling, of that kind and provider, nothing is told for so long; then the newest state.
# Reports longer: strangers can send false ones.
QUIET = {
    ConditionKind.ACCESS: timedelta(minutes=15),
    ConditionKind.BALANCE: timedelta(minutes=15),
    ConditionKind.BREAKER: timedelta(minutes=15),
    ConditionKind.REPORTS: timedelta(hours=1),
}


def states_of(
    provider: SmsProvider, open_breakers: Iterable[Breaker]
) -> dict[ConditionKind, str | None]:
    """By kind: WELL, what is wrong, or None where that is not known now, so it stays as it was.

    Of breakers it is the countries, sorted, with commas; NO_COUNTRY for numbers of none.
    """
    return {
        ConditionKind.ACCESS: _access(provider),
        ConditionKind.BALANCE: _balance(provider),
        ConditionKind.BREAKER: ",".join(sorted(one.country or NO_COUNTRY for one in open_breakers)),
        ConditionKind.REPORTS: report_evidence.state_of(provider),
    }


def observe(provider: SmsProvider) -> None:
    """Write down what changed. Harmless when several do it at once."""
    _observe(provider, breakers.open_breakers(provider))


def observe_all() -> None:
    """Of all enabled providers; a few queries, however many they are."""
    opened: dict[UUID, list[Breaker]] = defaultdict(list)
    for breaker in breakers.open_breakers():
        opened[breaker.provider_id].append(breaker)
    for provider in SmsProvider.objects.filter(enabled=True).prefetch_related("conditions"):
        _observe(provider, opened[provider.pk])


def untold(now: datetime) -> Sequence[int]:
    """Keys of the conditions of enabled providers that differ from what operators know."""
    changed = ProviderCondition.objects.exclude(state=F("told_state"))
    return [row.pk for row in changed.filter(provider__enabled=True) if _may_tell(row, now)]


def claim(pk: int, now: datetime) -> ProviderCondition | None:
    """The condition under its lock, if it is to be told; None when somebody told it meanwhile.

    To be called in the transaction that tells it and then calls `mark_told`.
    """
    rows = ProviderCondition.objects.select_related("provider").select_for_update(of=("self",))
    row = rows.filter(pk=pk).first()
    return row if row is not None and _may_tell(row, now) else None


def mark_told(row: ProviderCondition, now: datetime) -> None:
    row.told_state, row.told_at = row.state, now
    row.save(update_fields=["told_state", "told_at"])


def _may_tell(row: ProviderCondition, now: datetime) -> bool:
    quiet = QUIET[ConditionKind(row.kind)]
    return row.state != row.told_state and (row.told_at is None or now - row.told_at >= quiet)


def _observe(provider: SmsProvider, open_breakers: Iterable[Breaker]) -> None:
    kept = {row.kind: row for row in provider.conditions.all()}
    for kind, state in states_of(provider, open_breakers).items():
        if state is not None and state != (kept[kind].state if kind in kept else WELL):
            _change(provider, kind, state)


def _change(provider: SmsProvider, kind: ConditionKind, state: str) -> None:
    with transaction.atomic():
        row, _created = ProviderCondition.objects.select_for_update().get_or_create(
            provider=provider, kind=kind
        )
        if row.state == state:
            return
        before, row.state, row.since = row.state, state, timezone.now()
        row.save(update_fields=["state", "since"])
        if kind == ConditionKind.BREAKER:
            return  # its own table tells more, and the log is no place for what flaps
        log.record(
            HEALTH_CHANGED,
            actor=log.SYSTEM,
            subject=subject_of(provider),
            facts={
                "name": provider.name,
                "kind": kind.value,
                "before": before or "well",
                "after": state or "well",
            },
        )


def _access(provider: SmsProvider) -> str | None:
    match provider.credentials_result:
        case CheckResult.OK:
            return WELL
        case CheckResult.PROBLEM:
            return provider.credentials_cause or Cause.UNEXPLAINED
        case _:
            return None


def _balance(provider: SmsProvider) -> str | None:
    if provider.balance is None:
        return None
    if provider.balance <= 0:
        return GONE
    return LOW if provider.balance_is_low else WELL
