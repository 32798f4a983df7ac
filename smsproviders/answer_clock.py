"""What the newest answer of a provider told this process of the time.

Apart from `clock_watch`, which keeps it: what speaks HTTP must need no database.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Told:
    offset: timedelta  # ours minus theirs
    at: datetime


class _Newest:
    told: Told | None = None


def note(date: str | None) -> None:
    """The Date header of an answer (RFC 9110, section 6.6.1), as it came."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return
    now = timezone.now()
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    _Newest.told = Told(now - theirs, now)


def take() -> Told | None:
    """What was noted since the last time."""
    told, _Newest.told = _Newest.told, None
    return told
