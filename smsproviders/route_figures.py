"""Conversion: how many of the codes that went out were typed. The reliable signal of a route.

Counted are codes, not messages: one that was sent again is one code. A code counts once it was
typed or its life is over, and only if a provider took it and did not report a failure: what we or a
provider failed to send says nothing about the people it was for. Test messages and notices carry no
reference, hence no code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# At most so many of the newest messages are looked at, whatever the traffic.
SAMPLE = 5000
SAMPLE_OF_ALL = 10 * SAMPLE
TAKEN = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Conversion:
    """`typed` of `sends` codes. `is_sample`: there were more, the newest were looked at."""

    typed: int
    sends: int
    is_sample: bool = False

    @property
    def percent(self) -> int | None:
        """Rounded down; None when no code was sent."""
        return self.typed * 100 // self.sends if self.sends else None

    def is_under(self, percent: int) -> bool:
        return self.typed * 100 < self.sends * percent


@dataclass(frozen=True, slots=True)
class Lately:
    hour: Conversion
    day: Conversion


def of_provider(provider: SmsProvider, *, at: datetime | None = None) -> Lately:
    """One query over at most SAMPLE rows of an index. A code that two took counts for both."""
    at = at or timezone.now()
    newest = SmsAttempt.objects.filter(provider=provider, id__gte=first_uuid7_at(at - DAY))
    ripe, typed = _ripe(at, of="message__"), Q(message__converted_at__isnull=False)
    within_hour = Q(started_at__gt=at - HOUR)
    found = newest.order_by("-id")[:SAMPLE].aggregate(
        looked_at=Count("id"),
        day=_codes(ripe, of="message__"),
        day_typed=_codes(ripe & typed, of="message__"),
        hour=_codes(ripe & within_hour, of="message__"),
        hour_typed=_codes(ripe & within_hour & typed, of="message__"),
    )
    is_sample = found["looked_at"] == SAMPLE
    return Lately(
        hour=Conversion(found["hour_typed"], found["hour"], is_sample),
        day=Conversion(found["day_typed"], found["day"], is_sample),
    )


def by_country(*, since: datetime) -> dict[str, Conversion]:
    """Of the newest messages, by the country of their number."""
    return _by("country", _newest(since))


def by_prefix(country: str, *, since: datetime) -> dict[str, Conversion]:
    """The same within one country, by prefix."""
    return _by("prefix", _newest(since).filter(country=country))


def of_country(country: str, *, since: datetime) -> Conversion:
    return _by("country", _newest(since).filter(country=country)).get(country, Conversion(0, 0))


def of_prefixes(
    prefixes: Sequence[str] | QuerySet[SmsMessage, Any], *, since: datetime
) -> dict[str, Conversion]:
    """Of these prefixes, or a query of them; by an index that begins with the prefix."""
    return _by(
        "prefix",
        SmsMessage.objects.filter(
            prefix__in=prefixes, accepted_at__isnull=False, created_at__gte=since
        ),
    )


def _newest(since: datetime) -> QuerySet[SmsMessage]:
    rows = SmsMessage.objects.filter(created_at__gte=since).order_by("-created_at")
    return SmsMessage.objects.filter(pk__in=rows.values("pk")[:SAMPLE_OF_ALL])


def _by(field: str, rows: QuerySet[SmsMessage]) -> dict[str, Conversion]:
    counted = (
        rows.filter(_ripe(timezone.now()))
        .order_by()
        .values(field)
        .annotate(sends=_codes(Q()), typed=_codes(Q(converted_at__isnull=False)))
    )
    return {row[field]: Conversion(row["typed"], row["sends"]) for row in counted}


def _ripe(at: datetime, *, of: str = "") -> Q:
    typed = Q(**{f"{of}converted_at__isnull": False})
    dead = Q(**{f"{of}expires_at__lte": at, f"{of}state__in": TAKEN})
    return ~Q(**{f"{of}reference": ""}) & (typed | dead)


def _codes(which: Q, *, of: str = "") -> Count:
    return Count(f"{of}reference", distinct=True, filter=which or None)
