"""Sealing: what waits becomes the next links of the chain.

Events get their ids before they commit, so they do not become visible in the order of their ids. No
look at "what came after the last sealed one" would be safe. Instead a trigger writes a waiting row
in each event's own transaction, and the sealer takes whatever waits: an event that commits an hour
late is sealed an hour late, and none is ever passed over. The chain's order is that of sealing.

One seals at a time. Each batch is one transaction: seals written and waiting rows deleted, or
neither, so a sealer that is killed leaves nothing half done.
"""

import logging
import time
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit import chain
from backoffice.audit.head import Head, last_seal
from backoffice.audit.models import AuditEvent, AuditSeal, SealingState, UnsealedEvent
from backoffice.common import advisory_locks

BATCH = 1_000
# Of every run, whatever waits: the next comes soon, and other tasks want the worker too.
SECONDS = 5.0
LOCK = "sealing the log"

Trouble = SealingState.Trouble
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one: how many were sealed, ids without an event, the last id looked at."""

    sealed: int
    gone: list[UUID]
    last: UUID | None


NOTHING = Batch(0, [], None)


class ForeignSeal(Exception):
    """The last seal is not ours: forged, or AUDIT_KEY was changed without AUDIT_KEY_FALLBACKS.

    Nothing is sealed on top of it, since a chain by two keys that do not know each other could
    never be verified. The events wait.
    """


@dataclass(frozen=True, slots=True)
class Run:
    sealed: int
    trouble: str


def seal_waiting(*, seconds: float = SECONDS) -> Run:
    """Seal until nothing waits, or for so long. Who finds another at it leaves it to him."""
    until, sealed, gone, after = time.monotonic() + seconds, 0, 0, None
    while True:
        batch = _seal_batch(after)
        sealed, gone, after = sealed + batch.sealed, gone + len(batch.gone), batch.last
        for event_id in batch.gone:
            logger.error("an event was removed before it was sealed", extra={"event": event_id})
        if after is None or time.monotonic() >= until:
            break
    return Run(sealed, Trouble.EVENT_GONE if gone else "")


@transaction.atomic
def _seal_batch(after: UUID | None) -> Batch:
    """The oldest that wait after that id: the front of the index is full of those just deleted."""
    if not advisory_locks.hold_if_free(LOCK):
        return NOTHING
    rows = UnsealedEvent.objects.order_by("event_id")
    if after is not None:
        rows = rows.filter(event_id__gt=after)
    waiting = list(rows.values_list("event_id", flat=True)[:BATCH])
    if not waiting:
        return NOTHING
    # Sealed already: somebody wrote the waiting row by hand.
    known = set(AuditSeal.objects.filter(event_id__in=waiting).values_list("event_id", flat=True))
    seals = _seals_of([event_id for event_id in waiting if event_id not in known])
    AuditSeal.objects.bulk_create(seals)
    found = known | {seal.event_id for seal in seals}
    # A row without its event stays, and is reported each time: it is all that tells of it.
    UnsealedEvent.objects.filter(event_id__in=found).delete()
    gone = [event_id for event_id in waiting if event_id not in found]
    return Batch(len(seals), gone, waiting[-1] if len(waiting) == BATCH else None)


def _seals_of(waiting: list[UUID]) -> list[AuditSeal]:
    head = last_seal()
    if head and not Head.of(head).is_ours:
        raise ForeignSeal
    number, digest = (head.number, head.digest) if head else (0, chain.START)
    now, key_id = timezone.now(), next(iter(chain.keys()))
    events = AuditEvent.objects.filter(pk__in=waiting).order_by("pk")
    seals = []
    for event in events.values_list(*chain.SEALED_FIELDS):
        number += 1
        digest = chain.digest_of(chain.Link(number, now, digest), event)
        seals.append(
            AuditSeal(
                number=number,
                event_id=event[0],
                sealed_at=now,
                digest=digest,
                key_id=key_id,
                signature=chain.sign(number, digest),
            )
        )
    return seals
