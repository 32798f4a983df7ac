"""Entering what was found into the book of incidents: a new one, an open one, or one that comes
back. One outage is one incident: what lies in an open one belongs to it, and what turns out to be
wider widens it."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.audit import log
from smsproviders.incident_clusters import Cluster
from smsproviders.incident_following import raised
from smsproviders.incident_log import facts_of, subject_of
from smsproviders.incident_scope import Scope
from smsproviders.incident_sends import LOOKED_BACK
from smsproviders.log_actions import INCIDENT_OPENED
from smsproviders.models import Incident, IncidentKind, IncidentMinute, IncidentNumber, SmsProvider

COMES_BACK = timedelta(minutes=30)
STRENGTH = list(IncidentKind)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Book:
    """`incidents`: the open ones, and those of the last days, the oldest first."""

    now: datetime
    incidents: list[Incident]

    def open_incidents(self) -> list[Incident]:
        return [one for one in self.incidents if one.is_open]

    def enter(self, cluster: Cluster) -> Incident | None:
        """The incident that it belongs to; None when something else explains it."""
        if self._is_explained(cluster):
            return None
        at_hand = [one for one in self._alike(cluster) if one.is_open]
        home = next((one for one in at_hand if one.scope.covers(cluster.scope)), None)
        if home is not None:
            return self._join(home, cluster)
        return self._widen(at_hand, cluster) or self._reopen(cluster) or self._open(cluster)

    def _is_explained(self, cluster: Cluster) -> bool:
        """Codes that arrive late or never are not typed: that is no second incident."""
        return any(
            one.last_bad_at > self.now - LOOKED_BACK
            and one.scope.covers(cluster.scope)
            and _is_stronger(one, cluster)
            for one in self.incidents
        )

    def _alike(self, cluster: Cluster) -> Iterator[Incident]:
        """Those that may be the same story; our own queue is one of its own."""
        of_queue = cluster.kind == IncidentKind.QUEUE
        return (
            one
            for one in self.incidents
            if one.part_of_id is None
            and (one.kind == IncidentKind.QUEUE) == of_queue
            and not _is_stronger(one, cluster)
        )

    def _join(self, home: Incident, cluster: Cluster) -> Incident:
        if home.kind != cluster.kind:
            home.kind, usual = cluster.kind, cluster.usual
            home.usual_failed, home.usual_sends = usual.part, usual.whole
            home.save(update_fields=["kind", "usual_failed", "usual_sends"])
        return home

    def _widen(self, at_hand: Sequence[Incident], cluster: Cluster) -> Incident | None:
        parts = [one for one in at_hand if cluster.scope.covers(one.scope)]
        if not parts:
            return None
        home, *others = parts
        for other in others:
            _merge(other, home, self.now)
        _set_scope(home, cluster.scope)
        home.began_at = min(one.began_at for one in parts)
        home.save(update_fields=[*_SCOPE, "began_at"])
        return self._join(home, cluster)

    def _reopen(self, cluster: Cluster) -> Incident | None:
        lately = [
            one
            for one in self._alike(cluster)
            if one.closed_at is not None and one.closed_at > self.now - COMES_BACK
        ]
        for one in reversed(lately):
            if one.scope.covers(cluster.scope) or cluster.scope.covers(one.scope):
                wider = one.scope if one.scope.covers(cluster.scope) else cluster.scope
                _set_scope(one, wider)
                one.closed_at, one.reopened = None, one.reopened + 1
                one.last_bad_at = self.now
                one.save(update_fields=[*_SCOPE, "closed_at", "reopened", "last_bad_at"])
                return self._join(one, cluster)
        return None

    def _open(self, cluster: Cluster) -> Incident:
        bad = raised(cluster.kind, cluster.sends, cluster.usual)
        moments = [send.at for send in bad] or [self.now]
        made = Incident(
            kind=cluster.kind,
            began_at=min(moments),
            opened_at=self.now,
            last_bad_at=max(moments),
            usual_failed=cluster.usual.part,
            usual_sends=cluster.usual.whole,
        )
        _set_scope(made, cluster.scope)
        made.save(force_insert=True)
        self.incidents.append(made)
        log.record(
            INCIDENT_OPENED, actor=log.SYSTEM, subject=subject_of(made), facts=facts_of(made)
        )
        logger.warning("an incident opened", extra={"incident": str(made.pk), "kind": made.kind})
        return made


_SCOPE = ("provider", "provider_caption", "country", "prefix")


def _set_scope(incident: Incident, scope: Scope) -> None:
    incident.scope, incident.provider_caption = scope, ""
    if scope.provider_id is not None:
        known = SmsProvider.objects.filter(pk=scope.provider_id)
        incident.provider_caption = known.values_list("caption", flat=True).first() or ""


def _is_stronger(incident: Incident, cluster: Cluster) -> bool:
    """Whether it explains that cluster, where it covers it."""
    if incident.kind == IncidentKind.QUEUE:
        return cluster.kind == IncidentKind.CONVERSION
    if cluster.kind == IncidentKind.QUEUE:
        return False
    return STRENGTH.index(IncidentKind(incident.kind)) < STRENGTH.index(cluster.kind)


def _merge(part: Incident, home: Incident, now: datetime) -> None:
    """Its numbers go over; what it counted before the other began is given up."""
    known = IncidentNumber.objects.filter(incident=home).values("number")
    IncidentNumber.objects.filter(incident=part).exclude(number__in=known).update(incident=home)
    IncidentNumber.objects.filter(incident=part).delete()
    IncidentMinute.objects.filter(incident=part).delete()
    part.part_of, part.closed_at, part.is_felt = home, now, False
    part.save(update_fields=["part_of", "closed_at", "is_felt"])
