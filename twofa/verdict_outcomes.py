"""Did it help? What followed the verdicts that operators were shown; it settles by itself.

- *Held*: within 15 minutes a code of the client was taken, or he signed in without one.
- *Came again*: his diagnosis was opened again more than 30 minutes later, with trouble still.
- *Reset*: a factor was disabled, or codes were unlocked, and he was not in within 15 minutes.
- *Not known*: neither, within a day; or he was in again later than that.

Read from the log and from later verdicts by a beat job, the older the more seldom. Sign-in and the
check of a code know nothing of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common import advisory_locks
from backoffice.common.identifiers import first_uuid7_at
from clients.models import User
from twofa import log_actions, verdict_tallying
from twofa.diagnosis.findings import OK
from twofa.models import TrustedBrowser, VerdictOutcome, VerdictShown

HELD_WITHIN, AGAIN_AFTER = timedelta(minutes=15), timedelta(minutes=30)
WATCHED = timedelta(days=1)
# What is committed later than it happened is not missed.
LATE = timedelta(minutes=1)
AT_ONCE = 500
# It is looked at again after this part of its age.
PATIENCE = 10
SOONEST, LATEST = timedelta(seconds=20), timedelta(hours=1)

RECOVERIES = (log_actions.SIGNED_IN.key, log_actions.CODE_ACCEPTED.key)
RESETS = (log_actions.FACTOR_RESET.key, log_actions.UNLOCKED.key)


def settle_due() -> int:
    """Look at what is due, and settle what is known; how many were looked at.

    One at a time, so that no older count is written over a newer one.
    """
    now = timezone.now()
    with transaction.atomic():
        advisory_locks.hold("twofa.verdict_outcomes")
        due = VerdictShown.objects.filter(look_at__lte=now).order_by("look_at")
        rows = list(due[:AT_ONCE])
        followed = _followed(rows)
        for row in rows:
            settle(row, followed[row.pk], now)
        VerdictShown.objects.bulk_update(rows, _SETTLED)
        days = {row.shown_at.date() for row in rows}
        verdict_tallying.count(days | {now.date(), (now - WATCHED).date()})
    return len(rows)


_SETTLED = ("outcome", "settled_at", "recovered_at", "recovered_by", "look_at")


@dataclass(frozen=True, slots=True)
class Followed:
    """What happened to the client after a verdict, the first of each; None: nothing yet."""

    recovered_at: datetime | None = None
    recovered_by: str = ""  # a FactorKind; "" for a sign-in without one
    reset_at: datetime | None = None
    again_at: datetime | None = None


def settle(row: VerdictShown, followed: Followed, now: datetime) -> None:
    """Write into the row what is known by now. Not saved yet."""
    if row.recovered_at is None and followed.recovered_at is not None:
        row.recovered_at, row.recovered_by = followed.recovered_at, followed.recovered_by
    if not row.outcome and (outcome := _outcome(row, followed, now)):
        row.outcome, row.settled_at = outcome, now
    is_over = now > row.shown_at + WATCHED + LATE
    is_done = bool(row.outcome) and (row.recovered_at is not None or is_over)
    row.look_at = None if is_done else now + _wait(now - row.shown_at)


def _outcome(row: VerdictShown, followed: Followed, now: datetime) -> VerdictOutcome | None:
    """None: it cannot be said yet."""
    if row.recovered_at is not None and row.recovered_at <= row.shown_at + HELD_WITHIN:
        return VerdictOutcome.HELD
    if now <= row.shown_at + HELD_WITHIN + LATE:
        return None
    candidates = (
        (followed.reset_at, VerdictOutcome.RESET),
        (followed.again_at, VerdictOutcome.CONTACT),
        (row.recovered_at, VerdictOutcome.UNKNOWN),
    )
    came = [(at, outcome) for at, outcome in candidates if at is not None]
    if came:
        return min(came)[1]
    return VerdictOutcome.UNKNOWN if now > row.shown_at + WATCHED + LATE else None


def _wait(age: timedelta) -> timedelta:
    return min(max(age / PATIENCE, SOONEST), LATEST)


def _followed(rows: Sequence[VerdictShown]) -> dict[UUID, Followed]:
    """Two queries for all of them together."""
    if not rows:
        return {}
    events = _events(rows)
    later = _later(rows)
    return {row.pk: _first_of_each(row, events[_subject(row)], later[row.user_id]) for row in rows}


def _events(rows: Sequence[VerdictShown]) -> dict[str, list[AuditEvent]]:
    since = min(row.shown_at for row in rows)
    found: dict[str, list[AuditEvent]] = defaultdict(list)
    events = AuditEvent.objects.filter(
        subject__in={_subject(row) for row in rows},
        action__in=[*RECOVERIES, *RESETS],
        outcome=Outcome.DONE,
        id__gte=first_uuid7_at(since - LATE),
    )
    for event in events.order_by("at").only("subject", "action", "at", "facts"):
        found[event.subject].append(event)
    return found


def _later(rows: Sequence[VerdictShown]) -> dict[UUID, list[datetime]]:
    """The moments of trouble that operators were shown, by client."""
    troubles = VerdictShown.objects.filter(
        user__in={row.user_id for row in rows},
        shown_at__gt=min(row.shown_at for row in rows) + AGAIN_AFTER,
    ).exclude(verdict=OK)
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for user, shown_at, as_of in troubles.values_list("user", "shown_at", "as_of"):
        found[user].append(as_of or shown_at)
    return found


def _is_recovery(event: AuditEvent) -> bool:
    """A trusted browser signs in whether codes work or not."""
    by_trust = event.facts.get("factor") == TrustedBrowser.kind
    return event.action in RECOVERIES and not by_trust


def _subject(row: VerdictShown) -> str:
    return log_actions.subject(User(pk=row.user_id))


def _first_of_each(
    row: VerdictShown, events: Iterable[AuditEvent], troubles: Iterable[datetime]
) -> Followed:
    end = row.shown_at + WATCHED
    after = [event for event in events if row.shown_at < event.at <= end]
    recovery = next((event for event in after if _is_recovery(event)), None)
    reset = next((event for event in after if event.action in RESETS), None)
    return Followed(
        recovered_at=recovery.at if recovery else None,
        recovered_by=str(recovery.facts.get("factor", "")) if recovery else "",
        reset_at=reset.at if reset else None,
        again_at=min(
            (at for at in troubles if row.shown_at + AGAIN_AFTER < at <= end), default=None
        ),
    )
