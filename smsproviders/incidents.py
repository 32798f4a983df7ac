"""Incidents: failures of many at once. What others ask of them, and the note that operators write.

They are found in `incident_detection`; docs/incidents.md says how.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.audit import log
from smsproviders.incident_log import facts_of, subject_of
from smsproviders.log_actions import INCIDENT_NOTED
from smsproviders.models import Incident

NOTE_LENGTH = 500

__all__ = ["NOTE_LENGTH", "at", "note", "of_number", "open_now", "subject_of"]


def open_now() -> QuerySet[Incident]:
    """Those that go on, the oldest first."""
    return at(None)


def at(moment: datetime | None) -> QuerySet[Incident]:
    """Those that went on at that moment; None: that go on now."""
    rows = Incident.objects.filter(part_of=None).order_by("began_at", "id")
    if moment is None:
        return rows.filter(closed_at=None)
    went_on = Q(closed_at=None) | Q(last_bad_at__gte=moment)
    return rows.filter(went_on, began_at__lte=moment)


def of_number(number: str, country: str, *, moment: datetime | None = None) -> list[Incident]:
    """Those that may concern a number, whichever provider it is sent by; the narrowest first.

    One query.
    """
    found = [one for one in at(moment) if one.scope.reaches(country, number)]
    return sorted(found, key=lambda one: (-len(one.prefix), not one.country))


def note(incident: Incident, text: str, *, actor: log.Actor) -> None:
    """What operators should know of it; takes the place of the note before. "" removes it."""
    with transaction.atomic():
        row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        row.note, row.noted_at, row.noted_by = text, timezone.now(), actor.id
        row.save(update_fields=["note", "noted_at", "noted_by"])
        log.record(
            INCIDENT_NOTED,
            actor=actor,
            subject=subject_of(row),
            reason=text,
            facts=facts_of(row),
        )
