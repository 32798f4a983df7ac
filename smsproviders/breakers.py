"""Breakers: a provider that fails towards a country is left alone for a while, by all workers.

The state is in the database, which the workers share anyway: Redis may be down at the same time. A
closed breaker costs nothing. When one opens stands in `smsproviders.judging`.

    closed ── failures ──► open, 30 s ── time is up ──► half open: one message probes
       ▲                    ▲                              │            │
       │                    └── it failed: twice as long, ─┘            │
       │                        up to 5 min                             │
       └────────────────────────── the provider took it ────────────────┘
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.audit import log
from smsproviders.log_actions import BREAKER_RESET, subject_of
from smsproviders.models import EVERY_COUNTRY, Breaker, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.signals import breaker_moved

OPEN_SECONDS = 30
LONGEST_SECONDS = 300
# Longer than a call, and than the lease of a worker that dies in it.
PROBE = timedelta(seconds=15)


def open_breakers(provider: SmsProvider | None = None) -> list[Breaker]:
    """Those that are open or half open, of one provider or of all, the longest open first."""
    rows = Breaker.objects.filter(opened_at__isnull=False).select_related("provider")
    if provider is not None:
        rows = rows.filter(provider=provider)
    return list(rows.order_by("opened_at", "pk"))


def reset(provider: SmsProvider, country: str, *, actor: log.Actor) -> bool:
    """Close it by an operator's decision; False when it is closed already, which is not logged.

    `country` is that of the row: "" and EVERY_COUNTRY too.
    """
    with transaction.atomic():
        closed = _close(Breaker.objects.filter(provider=provider, country=country))
        for breaker in closed:
            facts = {"name": provider.name, "country": country, "cause": breaker.cause}
            log.record(BREAKER_RESET, actor=actor, subject=subject_of(provider), facts=facts)
    return bool(closed)


def forget(provider: SmsProvider) -> None:
    """Its credentials changed: what was seen with the old ones says nothing about these."""
    with transaction.atomic():
        _close(Breaker.objects.filter(provider=provider))


def trip(attempt: SmsAttempt, country: str, *, seconds: int = OPEN_SECONDS) -> bool:
    """Open it because of this failed call; False when it is open already."""
    now = timezone.now()
    breaker = row_of(attempt, country)
    with transaction.atomic():
        opened = Breaker.objects.filter(pk=breaker.pk, opened_at=None).update(
            opened_at=now, **_open_for(seconds, attempt, now)
        )
        if opened:
            breaker.refresh_from_db()
            _tell(breaker, opened=True)
    return bool(opened)


def row_of(attempt: SmsAttempt, country: str) -> Breaker:
    """Made at the first failure; most providers and countries never get one."""
    row, _made = Breaker.objects.get_or_create(provider_id=attempt.provider_id, country=country)
    return row


def binding(provider_id: UUID | None, country: str) -> QuerySet[Breaker]:
    """The open ones that keep messages to that country from the provider."""
    return Breaker.objects.filter(
        provider_id=provider_id, country__in=(country, EVERY_COUNTRY), opened_at__isnull=False
    )


def win_probe(provider_id: UUID, country: str, *, attempt_id: UUID) -> bool:
    """Whether this attempt is the one probe. In the transaction that commits the attempt.

    Of several workers one has the rows locked; the others need not wait to know that they lost.
    """
    now = timezone.now()
    rows = list(binding(provider_id, country).order_by("pk"))
    due = Breaker.objects.filter(pk__in=[row.pk for row in rows], probe_at__lte=now)
    locked = list(due.select_for_update(skip_locked=True).order_by("pk").values_list("pk"))
    if len(locked) < len(rows):
        return False
    due.update(probe=attempt_id, probe_at=now + PROBE)
    return True


def probe_taken(attempt: SmsAttempt) -> None:
    """The provider took a message that was sent in spite of its breakers: they close.

    Not for a call that began before they opened.
    """
    with transaction.atomic():
        rows = binding(attempt.provider_id, attempt.country)
        _close(rows.filter(opened_at__lte=attempt.started_at))


def probe_failed(attempt: SmsAttempt, *, lasting: bool = False) -> None:
    """Open again, for twice as long."""
    for row in Breaker.objects.filter(probe=attempt.pk):
        seconds = LONGEST_SECONDS if lasting else min(row.open_seconds * 2, LONGEST_SECONDS)
        Breaker.objects.filter(pk=row.pk, probe=attempt.pk).update(
            **_open_for(seconds, attempt, timezone.now())
        )


def probe_said_nothing(attempt: SmsAttempt) -> None:
    """Refused for the recipient's sake, or too fast: the next message may probe at once."""
    Breaker.objects.filter(probe=attempt.pk).update(probe=None, probe_at=timezone.now())


def _open_for(seconds: int, attempt: SmsAttempt, now: datetime) -> dict[str, object]:
    return {
        "open_seconds": seconds,
        "probe_at": now + timedelta(seconds=seconds),
        "probe": None,
        "cause": attempt.cause,
        "error_code": attempt.error_code,
    }


def _close(rows: QuerySet[Breaker]) -> list[Breaker]:
    """Those that were open, as they were."""
    now = timezone.now()
    found = list(rows.filter(opened_at__isnull=False).select_for_update().order_by("pk"))
    for breaker in found:
        Breaker.objects.filter(pk=breaker.pk).update(
            opened_at=None, probe_at=None, probe=None, judged_from=now
        )
        _let_go(breaker, now)
        _tell(breaker, opened=False)
    return found


def _let_go(breaker: Breaker, now: datetime) -> None:
    """What was held because of it is due: the sweeper finds it within 2 s, some hundreds a time."""
    alive = SmsMessage.objects.filter(finished_at=None, expires_at__gt=now)
    held = alive.filter(held_since__isnull=False, next_attempt_at__gt=now, lease=None)
    if breaker.country != EVERY_COUNTRY:
        held = held.filter(country=breaker.country)
    # Those that are locked are being looked at anyway.
    found = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
    SmsMessage.objects.filter(pk__in=found).update(next_attempt_at=now, published_at=None)


def _tell(breaker: Breaker, *, opened: bool) -> None:
    news = partial(
        breaker_moved.send_robust,
        sender=Breaker,
        provider_id=breaker.provider_id,
        country=breaker.country,
        opened=opened,
        cause=breaker.cause,
        error_code=breaker.error_code,
    )
    transaction.on_commit(news, robust=True)
