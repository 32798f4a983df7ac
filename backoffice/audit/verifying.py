"""Walking the whole chain: what was changed, removed, added or forged, and where it began.

In bounded memory: a stretch of seals with their events at a time, and one query that asks the
database for events that stand in no seal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from backoffice.audit import chain, triggers
from backoffice.audit.head import Head
from backoffice.audit.models import AuditEvent, AuditSeal, UnsealedEvent

STRETCH = 1_000
# Reported one by one; the others are counted.
NAMED = 20
LATE = timedelta(minutes=5)


class Tampering(StrEnum):
    EVENT_CHANGED = "event_changed"
    EVENT_REMOVED = "event_removed"
    EVENT_ADDED = "event_added"
    UNSEALED_REMOVED = "unsealed_removed"
    SEALS_REMOVED = "seals_removed"
    SEAL_FORGED = "seal_forged"
    KEY_WENT_BACK = "key_went_back"
    UNGUARDED = "unguarded"
    TAIL_REMOVED = "tail_removed"
    HEAD_DIFFERS = "head_differs"
    HEAD_MISSING = "head_missing"
    HEAD_UNREADABLE = "head_unreadable"


WORDS = {
    Tampering.EVENT_CHANGED: "the event, or its seal, was changed after it was sealed",
    Tampering.EVENT_REMOVED: "the event was removed after it was sealed",
    Tampering.EVENT_ADDED: "the event was written past the log's triggers, or its seal was removed",
    Tampering.UNSEALED_REMOVED: "the event was removed before it was sealed",
    Tampering.SEALS_REMOVED: "seals before this one were removed",
    Tampering.SEAL_FORGED: "the seal was changed, moved, or made with another key than AUDIT_KEY",
    Tampering.KEY_WENT_BACK: "the seal was made with an older key than those before it",
    Tampering.UNGUARDED: "triggers that guard the log are missing or switched off",
    Tampering.TAIL_REMOVED: "the newest seals were removed: the head outside knows more of them",
    Tampering.HEAD_DIFFERS: "the head outside names another digest for this seal",
    Tampering.HEAD_MISSING: "no head lies at AUDIT_HEAD_URL",
    Tampering.HEAD_UNREADABLE: "the head at AUDIT_HEAD_URL cannot be compared",
}


@dataclass(frozen=True, slots=True)
class Bad:
    """One finding. `at`: when the event happened; `sealed_at`: when it was still whole."""

    what: Tampering
    seal: int | None = None
    event: UUID | None = None
    at: datetime | None = None
    sealed_at: datetime | None = None
    detail: str = ""


@dataclass(slots=True)
class Report:
    events: int = 0
    seals: int = 0
    waiting: int = 0
    oldest_waits_since: datetime | None = None
    head: AuditSeal | None = None
    # The last seal before the first bad one: until then all was whole.
    whole_until: datetime | None = None
    bad: int = 0
    named: list[Bad] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    outside: str = "not set"

    def add(self, bad: Bad) -> None:
        self.bad += 1
        if len(self.named) < NAMED:
            self.named.append(bad)


Row = Sequence[Any]


class Walk:
    """The chain from its first link on; `report` fills as it goes."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._ages = {key_id: age for age, key_id in enumerate(chain.keys())}
        self._number, self._age = 0, len(self._ages)
        # Of the link before; None after one that cannot be trusted.
        self._previous: str | None = chain.START

    def __iter__(self) -> Iterator[int]:
        """How many seals were looked at, stretch by stretch."""
        while seals := list(
            AuditSeal.objects.filter(number__gt=self._number).order_by("number")[:STRETCH]
        ):
            ids = [seal.event_id for seal in seals]
            rows = AuditEvent.objects.filter(pk__in=ids).values_list(*chain.SEALED_FIELDS)
            events = {row[0]: row for row in rows}
            for seal in seals:
                self._look_at(seal, events.get(seal.event_id))
            yield len(seals)

    def _look_at(self, seal: AuditSeal, event: Row | None) -> None:
        report = self._report
        if seal.number != self._number + 1:
            report.add(Bad(Tampering.SEALS_REMOVED, seal=seal.number, sealed_at=seal.sealed_at))
            self._previous = None
        forged = self._fault_of_seal(seal)
        what = forged or self._fault_of_event(seal, event)
        if what:
            at = event[1] if event else None
            report.add(Bad(what, seal.number, seal.event_id, at, seal.sealed_at))
        if not report.bad:
            report.whole_until = seal.sealed_at
        report.seals, report.head = report.seals + 1, seal
        self._number, self._previous = seal.number, None if forged else seal.digest

    def _fault_of_seal(self, seal: AuditSeal) -> Tampering | None:
        if not Head.of(seal).is_ours:
            return Tampering.SEAL_FORGED
        age = self._ages[seal.key_id]
        if age > self._age:
            return Tampering.KEY_WENT_BACK
        self._age = age
        return None

    def _fault_of_event(self, seal: AuditSeal, event: Row | None) -> Tampering | None:
        if event is None:
            return Tampering.EVENT_REMOVED
        if self._previous is None:
            return None
        link = chain.Link(seal.number, seal.sealed_at, self._previous)
        return None if chain.digest_of(link, event) == seal.digest else Tampering.EVENT_CHANGED


def look_at_the_rest(report: Report) -> None:
    """Events in no seal: those that wait, and those that should not be there."""
    if unguarded := triggers.missing(connection):
        report.add(Bad(Tampering.UNGUARDED, detail=", ".join(unguarded)))
    report.events = AuditEvent.objects.count()
    report.waiting = UnsealedEvent.objects.count()
    for event_id, at in _stray().values_list("pk", "at").order_by("pk").iterator(STRETCH):
        report.add(Bad(Tampering.EVENT_ADDED, event=event_id, at=at))
    for event_id in _vanished().values_list("pk", flat=True).order_by("pk").iterator(STRETCH):
        report.add(Bad(Tampering.UNSEALED_REMOVED, event=event_id))
    waiting = UnsealedEvent.objects.filter(event_id=OuterRef("pk"))
    if report.waiting:
        oldest = AuditEvent.objects.filter(Exists(waiting)).order_by("pk").first()
        report.oldest_waits_since = oldest.at if oldest else None
    since = report.oldest_waits_since
    if since and timezone.now() - since > LATE:
        report.warnings.append(
            f"Events wait for their seal since {since:%Y-%m-%d %H:%M:%S} UTC: "
            "is a worker running, and beat?"
        )


def _stray() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        ~Exists(AuditSeal.objects.filter(event_id=OuterRef("pk"))),
        ~Exists(UnsealedEvent.objects.filter(event_id=OuterRef("pk"))),
    )


def _vanished() -> QuerySet[UnsealedEvent]:
    return UnsealedEvent.objects.filter(~Exists(AuditEvent.objects.filter(pk=OuterRef("pk"))))
