"""Conversion: how many of the codes that went out were typed. The reliable signal of a route.

By prefix and by country, for pausing them and for whoever reviews that; `tallying` has the figures
of providers.

Counted are codes, not messages: one that was sent again is one code. A code counts once it was
typed or its life is over, and only if a provider took it and did not report a failure: what we or a
provider failed to send says nothing about the people it was for. Test messages and notices carry no
reference, hence no code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState

# At most so many of the newest messages are looked at, whatever the traffic.
SAMPLE = 20_000
TAKEN = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Conversion:
    """`typed` of `sends` codes."""

    typed: int
    sends: int

    @property
    def percent(self) -> int | None:
        """Rounded down; None when no code was sent."""
        return self.typed * 100 // self.sends if self.sends else None

    def is_under(self, percent: int) -> bool:
        return self.typed * 100 < self.sends * percent


def by_country(*, since: datetime) -> dict[str, Conversion]:
    """Of the newest messages, by the country of their number."""
    return _by("country", _newest(since))


def by_prefix(country: str, *, since: datetime) -> dict[str, Conversion]:
    """The same within one country, by prefix."""
    return _by("prefix", _newest(since, country=country))


def of_country(country: str, *, since: datetime) -> Conversion:
    return _by("country", _newest(since, country=country)).get(country, Conversion(0, 0))


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


def _newest(since: datetime, **which: str) -> QuerySet[SmsMessage]:
    """By the moment of the oldest: given their keys, PostgreSQL would read the whole table."""
    rows = SmsMessage.objects.filter(created_at__gte=since, **which)
    moments = rows.order_by("-created_at").values_list("created_at", flat=True)
    oldest = moments[SAMPLE - 1 : SAMPLE].first()
    return rows.filter(created_at__gte=oldest) if oldest else rows


def _by(field: str, rows: QuerySet[SmsMessage]) -> dict[str, Conversion]:
    counted = (
        rows.filter(_ripe(timezone.now()))
        .order_by()
        .values(field)
        .annotate(sends=_codes(Q()), typed=_codes(Q(converted_at__isnull=False)))
    )
    return {row[field]: Conversion(row["typed"], row["sends"]) for row in counted}


def _ripe(at: datetime) -> Q:
    dead = Q(expires_at__lte=at, state__in=TAKEN)
    return ~Q(reference="") & (Q(converted_at__isnull=False) | dead)


def _codes(which: Q) -> Count:
    return Count("reference", distinct=True, filter=which or None)
