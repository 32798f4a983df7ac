"""When an incident is over: an e-mail to those who got no code and have not signed in since.

Once for a client and incident, so many in a while: all of them must not come back in one minute.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from backoffice.common import advisory_locks
from clients.models import ClientStatus, User
from smsproviders import incidents
from smsproviders.models import HitOutcome, Incident, IncidentKind, IncidentNumber
from twofa import notices
from twofa.incident_people import Hit, has_recovered, hits_of
from twofa.models import Challenge
from twofa.notices import NoticeKind
from twofa.policy_keys import TELL_AFTER_INCIDENT

# Every half minute.
AT_ONCE = 100
# Later it helps nobody.
SOON = timedelta(hours=24)


def tell() -> int:
    """How many were looked at. Two at once take turns, and one that dies leaves it to the next."""
    now, looked_at = timezone.now(), 0
    for incident in _over(now):
        if looked_at >= AT_ONCE:
            break
        looked_at += _settle_some(incident, now, AT_ONCE - looked_at)
    return looked_at


def untold(incident: Incident) -> QuerySet[IncidentNumber]:
    return IncidentNumber.objects.filter(
        incident=incident, hit_at__isnull=False, settled_at=None
    ).order_by("id")


def _over(now: datetime) -> Iterator[Incident]:
    """With somebody to tell, the oldest first; none where codes still do not arrive."""
    waiting = IncidentNumber.objects.filter(
        incident=OuterRef("pk"), hit_at__isnull=False, settled_at=None
    )
    over = Incident.objects.filter(Exists(waiting), closed_at__isnull=False, part_of=None)
    troubled = [one.scope for one in incidents.open_now() if one.is_felt]
    for incident in over.order_by("closed_at"):
        mine = incident.scope
        if not any(scope.covers(mine) or mine.covers(scope) for scope in troubled):
            yield incident


@transaction.atomic
def _settle_some(incident: Incident, now: datetime, at_most: int) -> int:
    advisory_locks.hold("telling after incidents")
    rows = list(untold(incident)[:at_most])
    told = _told_already(incident, hits := hits_of(incident, rows))
    for hit in hits:
        hit.row.outcome = _tell(incident, hit, now, told)
        hit.row.settled_at = now
    IncidentNumber.objects.bulk_update(rows, ["outcome", "settled_at"])
    return len(rows)


def _tell(incident: Incident, hit: Hit, now: datetime, told: set[UUID]) -> HitOutcome:
    since = hit.row.hit_at or hit.row.first_at
    stuck = [user for user in hit.users if not has_recovered(user, since)]
    if hit.users and not stuck:
        return HitOutcome.RECOVERED
    if not _is_worth_telling(incident, now):
        return HitOutcome.LEFT_OUT
    wanted = [user for user in stuck if _may_be_told(user)]
    for user in wanted:
        if user.pk not in told:
            notices.tell(user, NoticeKind.AFTER_INCIDENT)
            told.add(user.pk)
    return HitOutcome.TOLD if wanted else HitOutcome.LEFT_OUT


def _is_worth_telling(incident: Incident, now: datetime) -> bool:
    """Where few codes are typed, nothing is known of a single one."""
    if incident.kind == IncidentKind.CONVERSION or not TELL_AFTER_INCIDENT():
        return False
    return incident.closed_at is not None and incident.closed_at > now - SOON


def _may_be_told(user: User) -> bool:
    client = getattr(user, "client", None)
    return user.is_active and client is not None and client.status == ClientStatus.ACTIVE


def _told_already(incident: Incident, hits: Sequence[Hit]) -> set[UUID]:
    """Those of them who were told for another number of theirs."""
    users = {user.pk for hit in hits for user in hit.users}
    numbers: Iterable[tuple[UUID, str]] = Challenge.objects.filter(
        user__in=users, created_at__gte=incident.began_at - SOON
    ).values_list("user", "number")
    theirs = list(numbers)
    told = IncidentNumber.objects.filter(
        incident=incident, outcome=HitOutcome.TOLD, number__in={number for _user, number in theirs}
    )
    known = set(told.values_list("number", flat=True))
    return {user for user, number in theirs if number in known}
