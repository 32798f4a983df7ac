"""Deleting a provider: only one that never sent, such as one that was added by mistake.

What a provider sent is the evidence of why codes did not arrive, so one that has sent is disabled
instead.
"""

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from smsproviders.log_actions import PROVIDER_DELETED, subject_of
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider


class Obstacle(models.TextChoices):
    ENABLED = "enabled", _("It is enabled: disable it first.")
    HAS_SENT = "has_sent", _("It has sent messages, whose history would be lost: disable it.")
    IS_TESTED = "is_tested", _("A test message through it is under way: wait until that is over.")


def obstacle(provider: SmsProvider) -> Obstacle | None:
    """Why it cannot be deleted; None when it can."""
    if provider.enabled:
        return Obstacle.ENABLED
    if has_sent(provider):
        return Obstacle.HAS_SENT
    # Without its provider a test message would take the route of codes.
    tests = SmsMessage.objects.filter(only_provider=provider, finished_at=None)
    return Obstacle.IS_TESTED if tests.exists() else None


def has_sent(provider: SmsProvider) -> bool:
    return SmsAttempt.objects.filter(provider=provider).exists()


def delete(provider: SmsProvider, *, actor: log.Actor) -> Obstacle | None:
    """None when it is deleted, or was already."""
    with transaction.atomic():
        # Its key too: no attempt or message can come to refer to it meanwhile.
        row = SmsProvider.objects.select_for_update().filter(pk=provider.pk).first()
        if row is None:
            return None
        if found := obstacle(row):
            return found
        facts = {"name": row.name, "backend": row.backend}
        log.record(PROVIDER_DELETED, actor=actor, subject=subject_of(row), facts=facts)
        row.delete()
    return None
