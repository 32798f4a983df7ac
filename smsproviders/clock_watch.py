"""Watching our own clock: an authenticator's codes are right only while it is.

Every answer of a provider carries its time, and the database has a clock of its own. Readings are
kept seldom: a clock does not go wrong within a second.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import Error, connection
from django.utils import timezone

from smsproviders.models import ClockReading

# A tenth of it is what a `Date` of whole seconds and a slow answer come to.
TOO_FAR = timedelta(seconds=10)
EVERY_SECONDS = 30.0
# An older reading tells nothing of now.
FRESH = timedelta(hours=1)

logger = logging.getLogger(__name__)


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


class _Last:
    """When this process last wrote a reading of each source."""

    at: dict[ClockReading.Source, float] = {}


def note_answer(date: str | None) -> None:
    """The Date header of a provider's answer, as it came; what cannot be read is passed over."""
    if date is None or not _is_due(ClockReading.Source.PROVIDERS):
        return
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    _keep(ClockReading.Source.PROVIDERS, theirs)


def note_database() -> None:
    """SQLite has no clock but ours."""
    if connection.vendor != "postgresql" or not _is_due(ClockReading.Source.DATABASE):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    _keep(ClockReading.Source.DATABASE, theirs)


def state() -> ClockState | None:
    """None: not compared within the last hour. One query."""
    rows = [row for row in ClockReading.objects.all() if row.at > timezone.now() - FRESH]
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


def _is_due(source: ClockReading.Source) -> bool:
    now = time.monotonic()
    if now - _Last.at.get(source, -EVERY_SECONDS) < EVERY_SECONDS:
        return False
    _Last.at[source] = now
    return True


def _keep(source: ClockReading.Source, theirs: datetime) -> None:
    """Never in the way of a send: what cannot be written is logged."""
    now = timezone.now()
    offset = now - theirs
    try:
        row = ClockReading.objects.filter(pk=source).first() or ClockReading(source=source)
        row.off_since = (row.off_since or now) if abs(offset) > TOO_FAR else None
        row.offset_ms, row.at = round(offset.total_seconds() * 1000), now
        row.save()
    except Error as error:
        logger.warning("a clock reading was not kept", extra={"error": type(error).__name__})
