"""Finding incidents: a look at the last minutes, every twenty seconds. See docs/incidents.md.

Nothing is remembered between two looks but the incidents themselves, so a look that is lost, late
or done twice does no harm. Two at once take turns.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backoffice.common import advisory_locks
from smsproviders import breakers, incident_breakers, incident_sends, pauses
from smsproviders.incident_breakers import LiveBreakers
from smsproviders.incident_clusters import Cluster, clusters
from smsproviders.incident_following import Following
from smsproviders.incident_opening import Book
from smsproviders.incident_scope import Scope
from smsproviders.incident_sends import (
    LOOKED_BACK,
    SETTLED,
    TO_COUNT,
    TO_FIND,
    YOUNG,
    Send,
    Sends,
)
from smsproviders.incident_usual import DAYS, Usual
from smsproviders.models import Incident, IncidentKind
from smsproviders.prefixes import prefix_of

# Sends of these spans are judged together; of each, how long ago it begins and ends. The short one
# sees an outage of a busy route at once, the long one that of a quiet route at all. The stronger
# kinds come first: what they explain is told once.
_LATELY = (
    (timedelta(minutes=10), timedelta()),
    (timedelta(minutes=2), timedelta()),
)
SPANS: dict[IncidentKind, tuple[tuple[timedelta, timedelta], ...]] = {
    IncidentKind.QUEUE: _LATELY,
    IncidentKind.FAILURES: _LATELY,
    IncidentKind.RECEIPTS: ((timedelta(minutes=12), SETTLED),),
    IncidentKind.CONVERSION: ((LOOKED_BACK, YOUNG),),
}


def detect() -> None:
    """Open, follow and close incidents, by what the messages say now."""
    with transaction.atomic():
        advisory_locks.hold("incident detection")
        _look(timezone.now())


def _look(now: datetime) -> None:
    known = Q(closed_at=None) | Q(last_bad_at__gt=now - DAYS)
    book = Book(now, list(Incident.objects.filter(known).order_by("id")))
    at_most = TO_COUNT if book.open_incidents() else TO_FIND
    recent = incident_sends.recent(now, at_most=at_most)
    live = incident_breakers.live(breakers.open_breakers(), now)
    paused = set(pauses.in_force(now).values_list("route", flat=True))
    sends = [_judged(live.attributed(send), paused) for send in recent.rows]
    for cluster in _found(sends, Usual(now, book.incidents), live, now):
        book.enter(cluster)
    following = Following(Sends(sends, recent.complete_since), now, live)
    for incident in book.open_incidents():
        following.follow(incident)


def _judged(send: Send, paused: Container[str]) -> Send:
    """That codes are not typed where we paused the route for it is no news, and often fraud."""
    if send.untyped and (send.country in paused or prefix_of(send.number) in paused):
        return replace(send, untyped=None)
    return send


def _found(
    sends: Sequence[Send], usual: Usual, live: LiveBreakers, now: datetime
) -> Iterator[Cluster]:
    for kind, spans in SPANS.items():
        has_breaker = live.are_within if kind == IncidentKind.FAILURES else _no_breaker
        for begin, end in spans:
            within = [send for send in sends if now - begin <= send.at <= now - end]
            yield from clusters(kind, within, usual, has_breaker=has_breaker)


def _no_breaker(_scope: Scope) -> bool:
    return False
