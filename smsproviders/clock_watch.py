"""Watching our own clock: an authenticator's codes are right only while it is.

Every answer of a provider carries its time, and the database has a clock of its own. Readings are
kept seldom: a clock does not go wrong within a second.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from smsproviders import answer_clock
from smsproviders.models import ClockReading

# A tenth of it is what a `Date` of whole seconds and a slow answer come to.
TOO_FAR = timedelta(seconds=10)
EVERY_SECONDS = 30.0
# An older reading tells nothing of now.
FRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ClockState:
    """The reading that is furthest off. `is_confirmed`: another independent clock agrees."""

    source: ClockReading.Source
    offset: timedelta  # ours minus theirs
    at: datetime
    since: datetime | None
    is_confirmed: bool

    @property
    def is_off(self) -> bool:
        return abs(self.offset) > TOO_FAR


class _Kept:
    """When this process last wrote."""

    at = -EVERY_SECONDS


def keep() -> None:
    """Write down what answers told, and ask the database; called by the worker's heartbeat."""
    if time.monotonic() - _Kept.at < EVERY_SECONDS:
        return
    _Kept.at = time.monotonic()
    if told := answer_clock.take():
        _keep(ClockReading.Source.PROVIDERS, told.offset, told.at)
    if connection.vendor == "postgresql":  # SQLite has no clock but ours
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (theirs,) = cursor.fetchone()
        now = timezone.now()
        _keep(ClockReading.Source.DATABASE, now - theirs, now)


def state() -> ClockState | None:
    """None: not compared within the last hour. One query."""
    return state_of(ClockReading.objects.all())


def state_of(readings: Iterable[ClockReading]) -> ClockState | None:
    rows = [row for row in readings if row.at > timezone.now() - FRESH]
    if not rows:
        return None
    worst = max(rows, key=lambda row: abs(row.offset_ms))
    return ClockState(
        source=ClockReading.Source(worst.source),
        offset=timedelta(milliseconds=worst.offset_ms),
        at=worst.at,
        since=worst.off_since,
        is_confirmed=sum(row.off_since is not None for row in rows) > 1,
    )


def _keep(source: ClockReading.Source, offset: timedelta, at: datetime) -> None:
    row = ClockReading.objects.filter(pk=source).first() or ClockReading(source=source)
    row.off_since = (row.off_since or at) if abs(offset) > TOO_FAR else None
    row.offset_ms, row.at = round(offset.total_seconds() * 1000), at
    row.save()
