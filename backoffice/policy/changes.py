"""Changing settings: one function for the page and the command; validated and logged."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.policy import registry, stored
from backoffice.policy.models import SystemSetting

SETTING_CHANGED = log.action("policy.setting_changed", _("Setting changed"))


def change(texts: Mapping[str, str], *, actor: log.Actor) -> dict[str, Any]:
    """Set every key to the value its text means, or nothing at all.

    Returns what really changed, as stored. UnknownSetting for a key nobody declares;
    ValidationError with a dictionary of reasons by key for values that are not valid.
    """
    values = _validated(texts)
    with transaction.atomic():
        changed = {key: value for key, value in values.items() if _store(key, value, actor=actor)}
        # Both times: this transaction must read its own change, and nobody a rolled-back one.
        stored.forget()
    transaction.on_commit(stored.forget)
    return changed


def _validated(texts: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key, text in texts.items():
        setting = registry.get(key)
        try:
            values[key] = setting.to_json(setting.clean(text))
        except ValidationError as error:
            errors[key] = error
    if errors:
        raise ValidationError(errors)
    return values


def _store(key: str, value: Any, *, actor: log.Actor) -> bool:
    setting = registry.get(key)
    row = SystemSetting.objects.select_for_update().filter(key=key).first()
    default = setting.to_json(setting.default)
    before = row.value if row else default
    if before == value:
        return False
    if value == default:
        SystemSetting.objects.filter(key=key).delete()
    else:
        SystemSetting.objects.update_or_create(key=key, defaults={"value": value})
    log.record(
        SETTING_CHANGED,
        actor=actor,
        subject=f"setting:{key}",
        facts={"key": key, "before": before, "after": value},
    )
    return True
