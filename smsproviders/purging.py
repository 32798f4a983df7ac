"""What sending keeps for a while only: see "Retention" in docs/operating.md.

Texts go earlier, with the life of their code (`settling`). The log is never touched.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from backoffice.common import purging
from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import (
    DeliveryReport,
    Incident,
    IncidentNumber,
    PurgeMark,
    RoutePause,
    SandboxMessage,
    SmsAttempt,
    SmsMessage,
)
from smsproviders.retention_keys import KEEP_ANSWERS_DAYS, KEEP_MESSAGES_DAYS

SANDBOX_KEPT = timedelta(days=1)
NIL = UUID(int=0)


def purge() -> int:
    """How many rows were deleted or blanked. Idempotent; beside another one harmless."""
    return purging.run(STEPS)


def messages(until: float) -> int:
    """With their attempts and reports. What is not finished is never touched, however old."""
    old = SmsMessage.objects.filter(id__lt=_before(KEEP_MESSAGES_DAYS()))
    return purging.delete(old.filter(finished_at__isnull=False), until=until)


def answers(until: float) -> int:
    """What providers answered, word by word; what it meant stays."""
    return _blank(SmsAttempt, "answer", until=until)


def payloads(until: float) -> int:
    """What providers reported, word by word."""
    return _blank(DeliveryReport, "payload", until=until)


def pauses(until: float) -> int:
    old = RoutePause.objects.filter(id__lt=_before(KEEP_MESSAGES_DAYS()))
    return purging.delete(old.filter(ends_at__lte=timezone.now()), until=until)


def incident_numbers(until: float) -> int:
    """Whom an incident hit; with the messages that tell it."""
    old = IncidentNumber.objects.filter(id__lt=_before(KEEP_MESSAGES_DAYS()))
    return purging.delete(old, until=until)


def incidents(until: float) -> int:
    old = Incident.objects.filter(id__lt=_before(KEEP_MESSAGES_DAYS()))
    return purging.delete(old.filter(closed_at__isnull=False), until=until)


def sandbox_messages(until: float) -> int:
    old = first_uuid7_at(timezone.now() - SANDBOX_KEPT)
    return purging.delete(SandboxMessage.objects.filter(id__lt=old), until=until)


STEPS: Sequence[purging.Step] = (
    answers,
    payloads,
    messages,
    pauses,
    incident_numbers,
    incidents,
    sandbox_messages,
)


def _blank(model: type[models.Model], field: str, *, until: float) -> int:
    """From where the last one ended: without an index of its own, which each send would pay for."""
    before, blanked = _before(KEEP_ANSWERS_DAYS()), 0
    while time.monotonic() < until:
        with transaction.atomic():
            mark = _mark_of(model)
            stretch = model._default_manager.filter(pk__gt=mark.up_to, pk__lt=before)
            keys = list(stretch.order_by("pk").values_list("pk", flat=True)[: purging.BATCH])
            if not keys:
                break
            filled = stretch.filter(pk__lte=keys[-1]).exclude(**{field: {}})
            blanked += filled.update(**{field: {}})
            mark.up_to = keys[-1]
            mark.save(update_fields=["up_to"])
    return blanked


def _mark_of(model: type[models.Model]) -> PurgeMark:
    """Locked, so that two purges at once take turns and no mark goes back."""
    marks = PurgeMark.objects.select_for_update()
    return marks.get_or_create(part=model._meta.model_name, defaults={"up_to": NIL})[0]


def _before(days: int) -> UUID:
    """Rows with smaller keys are older than so many days."""
    return first_uuid7_at(timezone.now() - timedelta(days=days))
