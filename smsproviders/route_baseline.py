"""What is usual on a route: how many messages get a receipt, how soon, and how it goes just now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from uuid import UUID

from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import Decision

WINDOW = timedelta(hours=24)
ROWS = 200
# Fewer messages make no habit.
AT_LEAST = 5
# Younger messages may still get their receipt.
SETTLED_AFTER = timedelta(minutes=2)
SLOW = timedelta(seconds=10)
RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for messages by one provider to one country, in the last 24 hours."""

    messages: int
    delivered: int
    usual: timedelta | None  # the median from taken to delivered
    nine_of_ten: timedelta | None  # took no longer
    handed_on: int  # of which the provider told that the network has them, or the phone
    recent: int  # of the last ten minutes
    slow: int  # of those, not with the network 10 s after they were taken
    last_taken_at: datetime | None

    @property
    def gives_receipts(self) -> bool:
        return self.messages >= AT_LEAST and self.delivered * 2 >= self.messages

    @property
    def is_slow(self) -> bool:
        """Never where the provider does not tell what it handed on: then all seem to wait."""
        tells = self.handed_on * 2 >= self.messages
        return tells and self.recent >= AT_LEAST and self.slow * 2 >= self.recent


def baseline(
    provider_id: UUID, country: str, *, but: UUID | None = None, at: datetime | None = None
) -> Baseline:
    """One query, of the newest attempts that the provider took before that moment.

    `but`: a message to leave out.
    """
    now = at or timezone.now()
    attempts = SmsAttempt.objects.filter(
        provider=provider_id,
        id__gte=first_uuid7_at(now - WINDOW),
        started_at__lte=now,
        decision=Decision.DONE,
        message__country=country,
    ).exclude(message=but)
    rows = list(
        attempts.order_by("-id").values_list(
            "message__accepted_at", "message__sent_at", "message__delivered_at"
        )[:ROWS]
    )
    taken = [(at, sent, delivered) for at, sent, delivered in rows if at is not None]
    settled = [row for row in taken if row[2] or now - row[0] > SETTLED_AFTER]
    seconds = [(row[2] - row[0]).total_seconds() for row in settled if row[2]]
    recent = [row for row in taken if SLOW < now - row[0] < RECENT]
    return Baseline(
        messages=len(settled),
        delivered=len(seconds),
        usual=timedelta(seconds=median(seconds)) if seconds else None,
        nine_of_ten=timedelta(seconds=_nine_of_ten(seconds)) if seconds else None,
        handed_on=sum(bool(row[1] or row[2]) for row in settled),
        recent=len(recent),
        slow=sum((row[1] or row[2] or now) - row[0] > SLOW for row in recent),
        last_taken_at=max((row[0] for row in taken), default=None),
    )


def _nine_of_ten(seconds: Sequence[float]) -> float:
    return sorted(seconds)[ceil(len(seconds) * 0.9) - 1]
