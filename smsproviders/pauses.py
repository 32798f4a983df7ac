"""Pauses of routes: what may not be sent to for now, why, until when, and lifting it.

A pause is of a prefix or of a country, and exempts numbers where a code was typed before: thirty
abandoned messages must not lock out the people of a place. Which routes are paused for low
conversion is decided by `pause_review`.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.audit import log
from backoffice.common import advisory_locks
from backoffice.common.ready_queries import ReadyQuery
from smsproviders.log_actions import PAUSE_LIFTED, ROUTE_PAUSED
from smsproviders.models import (
    EVERYWHERE,
    PauseReason,
    RoutePause,
    RouteScope,
    SmsAttempt,
    SmsMessage,
)
from smsproviders.policy_keys import FRAUD_HOLD
from smsproviders.prefixes import prefix_of
from smsproviders.spending import SpendCap

# A spend cap that closes again so soon is the same story, and told once.
SAME_STORY = timedelta(hours=1)

logger = logging.getLogger(__name__)

# Asked before each message: its SQL is made once.
_pauses_of = ReadyQuery(
    lambda prefix, country, at: (
        RoutePause.objects.filter(
            Q(scope=RouteScope.PREFIX, route=prefix) | Q(scope=RouteScope.COUNTRY, route=country),
            ends_at__gt=at,
            lifted_at=None,
        )
        .exclude(reason=PauseReason.SPEND_CAP)
        .order_by("-ends_at")[:1]
    ),
    "+0",
    "ZZ",
    datetime.min.replace(tzinfo=UTC),
)


def in_force(at: datetime) -> QuerySet[RoutePause]:
    """Everything that is paused, open spend caps too; the newest first."""
    return RoutePause.objects.filter(ends_at__gt=at, lifted_at=None)


def blocking(number: str, country: str, *, at: datetime) -> RoutePause | None:
    """The pause that keeps codes from that number; the one that ends last. One or two queries."""
    pause = next(iter(_pauses_of(prefix_of(number), country, at)), None)
    return None if pause is None or has_converted(number) else pause


def has_converted(number: str) -> bool:
    """Whether a code sent to that number was ever typed, as far as its messages are kept."""
    return SmsMessage.objects.filter(number=number, converted_at__isnull=False).exists()


def hold(message: SmsMessage, attempt: SmsAttempt) -> None:
    """A provider suspects fraud there: no code goes to that prefix for a while.

    Called in the transaction that writes the refusal down.
    """
    now = timezone.now()
    begin_or_extend(
        RoutePause(
            scope=RouteScope.PREFIX,
            route=prefix_of(message.number),
            country=message.country,
            reason=PauseReason.FRAUD_HOLD,
            began_at=now,
            ends_at=now + timedelta(seconds=FRAUD_HOLD()),
            provider_caption=attempt.provider_caption,
            error_code=attempt.error_code,
        )
    )


def note_closed(cap: SpendCap, *, at: datetime) -> None:
    """A cap of spend let a message not pass: to be seen and told. Called with the refusal."""
    everywhere = cap.country == EVERYWHERE
    begin_or_extend(
        RoutePause(
            scope=RouteScope.EVERYWHERE if everywhere else RouteScope.COUNTRY,
            route=cap.country,
            country="" if everywhere else cap.country,
            reason=PauseReason.SPEND_CAP,
            began_at=at,
            ends_at=cap.until,
            spent=cap.spent,
            cap=cap.cap,
        ),
        same_story=SAME_STORY,
    )


def begin_or_extend(pause: RoutePause, *, same_story: timedelta = timedelta(0)) -> RoutePause:
    """One pause of a route for one reason at a time; with `same_story` one that just ended too."""
    with transaction.atomic():
        advisory_locks.hold(f"pause {pause.route} {pause.reason}")
        known = RoutePause.objects.filter(
            route=pause.route,
            reason=pause.reason,
            lifted_at=None,
            ends_at__gt=pause.began_at - same_story,
        ).first()
        if known is None:
            _begin(pause)
            return pause
        if known.ends_at < pause.ends_at:
            known.ends_at = pause.ends_at
            known.save(update_fields=["ends_at"])
        return known


def lift(pause: RoutePause, *, actor: log.Actor, reason: str) -> bool:
    """End it now; codes sent from now on count anew. False when it was over, or is a spend cap.

    A spend cap follows from the settings and the messages: only the settings open it.
    """
    now = timezone.now()
    with transaction.atomic():
        row = in_force(now).select_for_update().filter(pk=pause.pk).first()
        if row is None or row.reason == PauseReason.SPEND_CAP:
            return False
        row.lifted_at = now
        row.save(update_fields=["lifted_at"])
        log.record(
            PAUSE_LIFTED, actor=actor, subject=subject_of(row), reason=reason, facts=_facts(row)
        )
    return True


def subject_of(pause: RoutePause) -> str:
    """What the log calls it."""
    return f"pause:{pause.pk}"


def _begin(pause: RoutePause) -> None:
    pause.save(force_insert=True)
    facts = _facts(pause)
    log.record(ROUTE_PAUSED, actor=log.SYSTEM, subject=subject_of(pause), facts=facts)
    # Its page tells which: the log leaves out what looks like a number.
    logger.warning("a route is paused", extra={"pause": str(pause.pk), **facts})


def _facts(pause: RoutePause) -> dict[str, object]:
    """A prefix is no number: ten thousand of them share it."""
    facts = {
        "scope": str(pause.scope),
        "route": pause.route,
        "country": pause.country,
        "pause_reason": str(pause.reason),
        "until": pause.ends_at.isoformat(timespec="seconds"),
        "sent": pause.sends,
        "typed": pause.typed,
        "provider": pause.provider_caption,
        "error_code": pause.error_code,
        "spent": "" if pause.spent is None else f"{pause.spent:.2f}",
        "cap": "" if pause.cap is None else f"{pause.cap:.2f}",
    }
    return {name: value for name, value in facts.items() if value not in ("", None)}
