"""What is usual on a route: how its sends fared in the last days, but for its incidents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.figures import Share
from smsproviders.incident_scope import Scope
from smsproviders.incident_sends import LOOKED_BACK, is_so, silent, speaks, taken, untyped
from smsproviders.models import Incident, IncidentKind, SmsAttempt

DAYS = timedelta(days=3)
SAMPLE = 2_000
# So many routes are asked about in one look; what is beyond counts as unknown.
ASKED = 30
NOTHING = Share(0, 0)
# A failure is seen some time after its incident began, and before it opened.
MARGIN = timedelta(minutes=5)


class _Past(NamedTuple):
    """An `incident_sends.Outcome`; all of it is settled, and its code is dead."""

    decision: str
    progress: str
    cause: str
    reference: str
    arrived: bool
    typed: bool
    is_settled: bool = True
    is_dead: bool = True


_COLUMNS = ("decision", "progress", "cause", "message__reference")
_ARRIVED = Q(message__delivered_at__isnull=False) | Q(message__converted_at__isnull=False)
_TYPED = Q(message__converted_at__isnull=False)


@dataclass(slots=True)
class Usual:
    """Asked once for a route, and only of routes that look bad: one query each."""

    now: datetime
    incidents: Sequence[Incident]  # that began in the last days
    _kept: dict[tuple[UUID, str], list[_Past]] = field(default_factory=dict)

    def share(self, kind: IncidentKind, provider_id: UUID | None, country: str) -> Share:
        """Of sends by that provider to that country: those that went wrong, of all."""
        if provider_id is None or kind == IncidentKind.QUEUE:
            return NOTHING
        verdicts = [_verdict(kind, row) for row in self._rows(provider_id, country)]
        telling = [one for one in verdicts if one is not None]
        return Share(sum(telling), len(telling))

    def _rows(self, provider_id: UUID, country: str) -> list[_Past]:
        key = (provider_id, country)
        if key not in self._kept:
            if len(self._kept) >= ASKED:
                return []
            self._kept[key] = self._read(provider_id, country)
        return self._kept[key]

    def _read(self, provider_id: UUID, country: str) -> list[_Past]:
        sends = SmsAttempt.objects.filter(
            provider=provider_id,
            country=country,
            id__gte=first_uuid7_at(self.now - DAYS),
            id__lt=first_uuid7_at(self.now - LOOKED_BACK),
        ).exclude(self._troubled(Scope(provider_id, country)))
        rows: Any = sends.order_by("-id").values_list(*_COLUMNS, is_so(_ARRIVED), is_so(_TYPED))
        return [_Past(*row) for row in rows[:SAMPLE]]

    def _troubled(self, route: Scope) -> Q:
        times = Q(pk=None)
        for one in self.incidents:
            if one.scope.covers(route) or route.covers(one.scope):
                end = (one.closed_at or self.now) if one.is_open else one.last_bad_at
                times |= Q(
                    id__gte=first_uuid7_at(one.began_at - MARGIN),
                    id__lt=first_uuid7_at(end + MARGIN),
                )
        return times


def _verdict(kind: IncidentKind, row: _Past) -> bool | None:
    is_taken = taken(row.decision, row.progress)
    match kind:
        case IncidentKind.FAILURES:
            return False if is_taken else (True if speaks(row.cause) else None)
        case IncidentKind.RECEIPTS:
            return silent(row) if is_taken else None
        case _:
            return untyped(row) if is_taken else None
