"""Operators are told when the condition of a provider changes: once for each change, and when it
is well again. What flaps is told at intervals, its newest state in the end."""

import logging

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backoffice.alerts.operators import Alert, tell_operators
from backoffice.alerts.provider_words import told_of
from smsproviders import conditions
from smsproviders.models import ProviderCondition

# Who can mend it.
PERMISSION = "smsproviders.change_smsprovider"

logger = logging.getLogger(__name__)


def tell_changes() -> int:
    """Look at all enabled providers and tell what is new; how many changes were told.

    Two at once tell nothing twice, and one that dies leaves it to the next.
    """
    conditions.observe_all()
    told = 0
    for pk in conditions.untold(timezone.now()):
        try:
            told += _tell(pk)
        except Exception as error:  # noqa: BLE001 - one that cannot be told must not hide the others
            logger.error("a change was not told", extra={"error": type(error).__name__})
    return told


@transaction.atomic
def _tell(pk: int) -> bool:
    now = timezone.now()
    condition = conditions.claim(pk, now)
    if condition is None:
        return False
    tell_operators(PERMISSION, _alert(condition))
    conditions.mark_told(condition, now)
    return True


def _alert(condition: ProviderCondition) -> Alert:
    told = told_of(condition)
    return Alert(
        about=condition.provider.caption,
        title=told.title,
        what=told.what,
        to_do=told.to_do,
        since=condition.since,
        path=reverse("admin:smsproviders_smsprovider_change", args=[condition.provider_id]),
    )
