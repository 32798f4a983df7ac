"""Events of the log as lines that a client understands, and the lines by day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _

from backoffice.audit import personal
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from twofa import log_actions as known
from twofa import password_change
from twofa.models import TrustedBrowser
from twofa.sign_in import HALF_SIGN_IN_LIFE
from twofa.views.browsers import name_of, place_of
from twofa.vocabulary import FactorKind

Details = Mapping[str, str]
_WITH_FACTOR = frozenset(
    action.key
    for action in (
        known.SIGNED_IN,
        known.STEPPED_UP,
        known.CODE_REFUSED,
        known.FACTOR_ENABLED,
        known.FACTOR_PREFERRED,
        known.FACTOR_DISABLED,
        known.FACTOR_RESET,
    )
)
# What somebody did who may be a stranger.
_ALARMING = frozenset(
    action.key
    for action in (
        known.PASSWORD_ACCEPTED,
        known.PASSWORD_REFUSED,
        known.CODE_REFUSED,
        known.LOCKED,
        known.TRUST_COPIED,
    )
)
_SAYS_THAT_IT_FAILED = _ALARMING | {known.SEND_REFUSED.key}


@dataclass(frozen=True, slots=True)
class Line:
    """One event. `by`: "" for what the client did. `place`: a network as `203.0.113.x`, or ""."""

    id: UUID
    at: datetime
    words: str
    by: str
    place: str
    browser: str
    alarming: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC; a script sorts the lines anew by the days of the reader."""

    date: date
    lines: list[Line]


def lines_of(
    events: Sequence[AuditEvent], words: Mapping[str, str], *, newer: Iterable[AuditEvent] = ()
) -> list[Line]:
    """Of `events`, the newest first. `newer`: some that came just after. One query for all."""
    after = list(newer)
    found = personal.reveal_all([*events, *after])
    details = {event_id: given or {} for event_id, given in found.items()}
    shown = _without_finished(events, after, details)
    return [_line(event, words[event.action], details[event.pk]) for event in shown]


def by_day(lines: Iterable[Line]) -> list[Day]:
    groups = groupby(lines, key=lambda line: line.at.astimezone(UTC).date())
    return [Day(day, list(same)) for day, same in groups]


def _without_finished(
    events: Sequence[AuditEvent], after: Iterable[AuditEvent], details: Mapping[UUID, Details]
) -> Iterator[AuditEvent]:
    """Without the passwords that led to a sign-in, which has a line of its own."""
    sign_ins = [one for one in (*after, *events) if one.action == known.SIGNED_IN.key]
    for event in events:
        if event.action != known.PASSWORD_ACCEPTED.key or not any(
            _finishes(one, event)
            and details[one.pk].get("address") == details[event.pk].get("address")
            for one in sign_ins
        ):
            yield event


def _finishes(sign_in: AuditEvent, password: AuditEvent) -> bool:
    return timedelta(0) <= sign_in.at - password.at <= HALF_SIGN_IN_LIFE


def _line(event: AuditEvent, words: str, details: Details) -> Line:
    by_operator = event.actor_kind in {ActorKind.OPERATOR, ActorKind.COMMAND}
    by_somebody_else = by_operator and event.subject != f"user:{event.actor_id}"
    # What follows from another's act by itself is logged from that other's address, and an
    # operator's own address is nothing for the client to see.
    hidden = by_somebody_else or event.actor_kind == ActorKind.SYSTEM
    browser = details.get("browser", "")
    return Line(
        id=event.pk,
        at=event.at,
        words=_in_full(event, words),
        by=_("by support") if by_somebody_else else "",
        place="" if hidden else place_of(details.get("address", "")),
        browser="" if hidden or not browser else name_of(browser),
        alarming=event.action in _ALARMING,
    )


def _in_full(event: AuditEvent, words: str) -> str:
    facts = event.facts
    factor = facts.get("factor") or facts.get("kind") or facts.get("by")
    if factor in FactorKind.values and event.action in _WITH_FACTOR:
        words = _("%(event)s: %(factor)s") % {"event": words, "factor": FactorKind(factor).label}
    elif factor == TrustedBrowser.kind:
        words = _("Signed in by a trusted browser")
    if event.outcome == Outcome.DONE or event.action in _SAYS_THAT_IT_FAILED:
        return words
    if event.action == password_change.PASSWORD_CHANGED.key:
        return _("The password was not changed: the present one was typed wrong")
    return _("%(event)s (refused)") % {"event": words}
