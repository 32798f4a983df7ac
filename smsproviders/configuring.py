"""Making and changing a provider: one way for the page and the command, validated and logged.

The log says of a secret that it changed, never to what.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from smsproviders import breakers
from smsproviders.log_actions import (
    PROVIDER_CHANGED,
    PROVIDER_CREATED,
    PROVIDER_DISABLED,
    PROVIDER_ENABLED,
    subject_of,
)
from smsproviders.models import SmsProvider
from smsproviders.provider_fields import ProviderFields, fill
from smsproviders.vocabulary import CheckResult

NAME_LENGTH = 50
COMPARED = (
    "caption",
    "enabled",
    "priority",
    "senders",
    "countries",
    "low_balance",
    "messages_per_second",
)
# Of these the log may hold the values; a caption or a sender may be personal.
LOGGED = ("enabled", "priority", "countries", "low_balance", "messages_per_second")


def create(fields: ProviderFields, *, actor: log.Actor) -> SmsProvider:
    """ValidationError with all reasons by field, those of the backend's own form among them."""
    provider = SmsProvider(backend=fields.backend, name=fields.name or name_from(fields.caption))
    with transaction.atomic():
        fill(provider, fields)
        _insert(provider)
        log.record(
            PROVIDER_CREATED,
            actor=actor,
            subject=subject_of(provider),
            facts={"name": provider.name, "backend": provider.backend, **_logged(provider)},
        )
    return provider


def change(provider: SmsProvider, fields: ProviderFields, *, actor: log.Actor) -> list[str]:
    """The names of what really changed; ValidationError as `create`.

    Name and backend stay as they are. `provider` is brought up to date.
    """
    with transaction.atomic():
        row = SmsProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        before, logged_before, credentials = _compared(row), _logged(row), row.credentials
        fill(row, fields)
        changed = _differences(before, _compared(row))
        if row.credentials != credentials:
            _forget_health(row)
            breakers.forget(row)
        if changed:
            row.save()
            _log_change(row, changed, logged_before, actor=actor)
    provider.refresh_from_db()
    return changed


def save(provider: SmsProvider | None, fields: ProviderFields, *, actor: log.Actor) -> SmsProvider:
    """`create` without a provider, else `change`: what a page with one form for both wants."""
    if provider is None:
        return create(fields, actor=actor)
    change(provider, fields, actor=actor)
    return provider


def enable(provider: SmsProvider, *, actor: log.Actor) -> None:
    _switch(provider, actor=actor, enabled=True)


def disable(provider: SmsProvider, *, actor: log.Actor) -> None:
    _switch(provider, actor=actor, enabled=False)


def name_from(caption: str) -> str:
    """A name made of the caption; "provider" where that holds no Latin letter and no digit."""
    return slugify(caption.replace("_", " "))[:NAME_LENGTH].strip("-") or "provider"


def _switch(provider: SmsProvider, *, actor: log.Actor, enabled: bool) -> None:
    with transaction.atomic():
        row = SmsProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        if row.enabled != enabled:
            row.enabled = enabled
            row.save(update_fields=["enabled", "changed_at"])
            log.record(
                PROVIDER_ENABLED if enabled else PROVIDER_DISABLED,
                actor=actor,
                subject=subject_of(row),
                facts={"name": row.name},
            )
    provider.refresh_from_db()


def _insert(provider: SmsProvider) -> None:
    """Another process may have taken the name since it was looked for."""
    try:
        with transaction.atomic():
            provider.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(
            {"name": [_("SMS provider with this Name already exists.")]}
        ) from None


def _compared(provider: SmsProvider) -> dict[str, Any]:
    return {name: getattr(provider, name) for name in COMPARED} | provider.credentials


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """An empty setting and one that is not there are the same."""
    names = before.keys() | after.keys()
    return sorted(n for n in names if (before.get(n) or None) != (after.get(n) or None))


def _logged(provider: SmsProvider) -> dict[str, Any]:
    values = {name: getattr(provider, name) for name in LOGGED}
    # JSON knows no decimals.
    return values | {"low_balance": str(provider.low_balance or "")}


def _log_change(
    row: SmsProvider, changed: list[str], before: Mapping[str, Any], *, actor: log.Actor
) -> None:
    shown = [name for name in changed if name in LOGGED]
    after = _logged(row)
    log.record(
        PROVIDER_CHANGED,
        actor=actor,
        subject=subject_of(row),
        facts={
            "name": row.name,
            "changed": changed,
            "before": {name: before[name] for name in shown},
            "after": {name: after[name] for name in shown},
        },
    )


def _forget_health(row: SmsProvider) -> None:
    """What was found with other credentials says nothing about these."""
    row.credentials_result = row.sender_result = CheckResult.UNKNOWN
    row.credentials_words = row.credentials_cause = row.sender_words = row.currency = ""
    row.credentials_checked_at = row.balance = row.balance_checked_at = None
    # The secret of reports is one of them.
    row.reports_refused = row.reports_missed = 0
