"""Following an open incident: its numbers, whether it goes on, and its end.

It is over when nothing went wrong at an unusual rate for ten minutes, by half of what opens one,
and no provider within it is left alone because calls to it still fail.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum

from backoffice.audit import log
from smsproviders.figures import Share
from smsproviders.incident_breakers import LiveBreakers
from smsproviders.incident_causes import common
from smsproviders.incident_log import facts_of, subject_of
from smsproviders.incident_sends import LOOKED_BACK, SETTLED, YOUNG, Send, Sends
from smsproviders.incident_statistics import is_raised
from smsproviders.log_actions import INCIDENT_CLOSED
from smsproviders.models import Incident, IncidentKind, IncidentMinute, IncidentNumber

CALM = timedelta(minutes=10)
# How long after a send it is known that it went wrong.
KNOWN_AFTER = {
    IncidentKind.FAILURES: timedelta(),
    IncidentKind.QUEUE: timedelta(),
    IncidentKind.RECEIPTS: SETTLED,
    IncidentKind.CONVERSION: YOUNG,
}
# One number that is tried again and again keeps nothing open.
GOES_ON = 2
# Numbers, and their share: from so many on clients notice; below the lower share no more.
FELT, FELT_FROM, FELT_TO = 3, 0.3, 0.15
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Following:
    sends: Sends
    now: datetime
    breakers: LiveBreakers

    def follow(self, incident: Incident) -> None:
        kind, scope = IncidentKind(incident.kind), incident.scope
        within = [
            send
            for send in self.sends.rows
            if scope.holds(send.provider_id, send.country, send.number)
            and send.went_wrong(kind) is not None
        ]
        self._judge(incident, kind, within)
        _count_minutes(incident, kind, within, self._counted_from())
        _note_numbers(incident, kind, within)
        _add_up(incident)
        if self.now - incident.last_bad_at >= CALM + KNOWN_AFTER[kind]:
            self._close(incident)
        incident.save(update_fields=_FOLLOWED)

    def _judge(self, incident: Incident, kind: IncidentKind, within: Sequence[Send]) -> None:
        lag = KNOWN_AFTER[kind]
        span = LOOKED_BACK - YOUNG if kind == IncidentKind.CONVERSION else CALM
        lately = [send for send in within if send.at > self.now - lag - span]
        bad = raised(kind, lately, _usual(incident))
        if len({send.number for send in bad}) >= GOES_ON:
            incident.last_bad_at = max(incident.last_bad_at, *(send.at for send in bad))
            _name_cause(incident, kind, bad)
        if kind == IncidentKind.FAILURES and self.breakers.are_within(incident.scope):
            incident.last_bad_at = self.now
        incident.is_felt = _is_felt(incident, kind, lately)

    def _counted_from(self) -> datetime:
        """The first whole minute that we have all sends of."""
        return _minute(self.sends.complete_since) + timedelta(minutes=1)

    def _close(self, incident: Incident) -> None:
        incident.closed_at, incident.is_felt = self.now, False
        facts = {**facts_of(incident), "until": incident.last_bad_at.isoformat(timespec="seconds")}
        log.record(INCIDENT_CLOSED, actor=log.SYSTEM, subject=subject_of(incident), facts=facts)


_FOLLOWED = (
    "last_bad_at",
    "cause",
    "error_code",
    "owner",
    "is_felt",
    "closed_at",
    "sends",
    "failed",
    "numbers",
    "hit",
)


def raised(kind: IncidentKind, sends: Iterable[Send], usual: Share) -> list[Send]:
    """What went wrong in minutes in which more of it did than usual."""
    minutes: dict[datetime, list[Send]] = defaultdict(list)
    for send in sends:
        minutes[_minute(send.at)].append(send)
    found = []
    for within in minutes.values():
        bad = [send for send in within if send.went_wrong(kind)]
        if is_raised(kind, len(bad), len(within), usual):
            found += bad
    return found


def _usual(incident: Incident) -> Share:
    return Share(incident.usual_failed, incident.usual_sends)


def _name_cause(incident: Incident, kind: IncidentKind, bad: Sequence[Send]) -> None:
    of_several = len({send.provider_id for send in bad}) > 1
    found = common(kind, bad, of_several=of_several)
    incident.cause, incident.error_code = found.cause, found.error_code
    incident.owner = found.owner


def _is_felt(incident: Incident, kind: IncidentKind, lately: Sequence[Send]) -> bool:
    numbers = {send.number for send in lately}
    hit = {send.number for send in lately if send.is_hit(kind)}
    if len(numbers) < FELT:
        return incident.is_felt
    share = len(hit) / len(numbers)
    if incident.is_felt:
        return share >= FELT_TO
    return len(hit) >= FELT and share >= FELT_FROM


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _count_minutes(
    incident: Incident, kind: IncidentKind, within: Iterable[Send], since: datetime
) -> None:
    """Written over: a report that comes later still gets in, and counting twice does no harm."""
    sends, failed = Counter[datetime](), Counter[datetime]()
    for send in within:
        minute = _minute(send.at)
        sends[minute] += 1
        failed[minute] += bool(send.went_wrong(kind))
    IncidentMinute.objects.bulk_create(
        [
            IncidentMinute(incident=incident, minute=minute, sends=count, failed=failed[minute])
            for minute, count in sends.items()
            if minute >= since
        ],
        update_conflicts=True,
        unique_fields=["incident", "minute"],
        update_fields=["sends", "failed"],
    )


def _note_numbers(incident: Incident, kind: IncidentKind, within: Iterable[Send]) -> None:
    first: dict[str, datetime] = {}
    hit: dict[str, datetime] = {}
    for send in within:
        if not send.went_wrong(kind) or send.at < incident.began_at:
            continue
        first[send.number] = min(send.at, first.get(send.number, send.at))
        if send.is_hit(kind):
            hit[send.number] = max(send.at, hit.get(send.number, send.at))
    _write_numbers(incident, first, hit)


def _write_numbers(
    incident: Incident, first: dict[str, datetime], hit: dict[str, datetime]
) -> None:
    """Only what is new: a number that is hit again, or not known to be lost before."""
    numbers = list(first)
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        known = {row.number: row for row in incident.hits.filter(number__in=some)}
        later = [row for row in known.values() if _is_hit_later(row, hit.get(row.number))]
        for row in later:
            row.hit_at = hit[row.number]
        IncidentNumber.objects.bulk_update(later, ["hit_at"])
        IncidentNumber.objects.bulk_create(
            IncidentNumber(
                incident=incident, number=number, first_at=first[number], hit_at=hit.get(number)
            )
            for number in some
            if number not in known
        )


def _is_hit_later(row: IncidentNumber, at: datetime | None) -> bool:
    return at is not None and (row.hit_at is None or row.hit_at < at)


def _add_up(incident: Incident) -> None:
    minutes = IncidentMinute.objects.filter(
        incident=incident, minute__gte=_minute(incident.began_at)
    ).aggregate(sends=Sum("sends"), failed=Sum("failed"))
    numbers = IncidentNumber.objects.filter(incident=incident).aggregate(
        numbers=Count("id"), hit=Count("hit_at")
    )
    incident.sends, incident.failed = minutes["sends"] or 0, minutes["failed"] or 0
    incident.numbers, incident.hit = numbers["numbers"], numbers["hit"]
