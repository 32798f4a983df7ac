"""What sending costs, and whether the money of the hour is spent. Checked before a message is made.

An estimate, on the safe side. A message counts from the moment it is queued, with the price that
providers told lately for its country (`CountryPrice`), else the assumed one; once its own price is
told, with that. What failed or expired is taken out again. The hour is that of whole minutes: sixty
and the present one. Older messages are added up per minute by `spend_counting`; what came since is
added up here, so that the cost of a question does not grow with the traffic of an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from backoffice.common import advisory_locks
from backoffice.common.ready_values import ReadyValues
from smsproviders.models import EVERYWHERE, CountryPrice, SmsMessage, SpendMinute
from smsproviders.policy_keys import ASSUMED_PRICE, SPEND_CAP_COUNTRY_HOUR, SPEND_CAP_HOUR
from smsproviders.vocabulary import MessageState

MINUTE = timedelta(minutes=1)
MINUTES = 60
# These never reached anybody, or no provider took them.
UNSPENT = (MessageState.FAILED, MessageState.EXPIRED)
# More requests than that are never between their check and their commit at once: as long as a cap
# has room for them all, nobody need wait for anybody.
IN_FLIGHT = 200
AMOUNT = DecimalField(max_digits=14, decimal_places=5)
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class SpendCap:
    """A cap that has no room for another message. `country` may be EVERYWHERE."""

    country: str
    spent: Decimal
    cap: Decimal
    until: datetime  # the first moment at which one message fits again, if none comes meanwhile


def closed_by(country: str, *, at: datetime) -> SpendCap | None:
    """The cap that one more message to that country would break; None: there is room.

    Within a transaction: near a cap, callers take turns until theirs ends, so that messages that
    others are about to queue are seen.
    """
    if _Hour.of(country, at=at).first_without_room(messages=IN_FLIGHT) is None:
        return None
    # The country first, then all: everybody in the same order.
    for route in (country, EVERYWHERE):
        advisory_locks.hold(f"spend {route}")
    return _Hour.of(country, at=at).first_without_room(messages=1)


def first_minute(at: datetime) -> datetime:
    """The oldest minute that counts."""
    return whole_minute(at) - MINUTES * MINUTE


def whole_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def price_of(country: OuterRef, assumed: Decimal) -> Coalesce:
    """The estimate for one message, within a query."""
    return Coalesce(Subquery(_told(country)), Value(assumed), output_field=AMOUNT)


def _told(country: OuterRef | Value) -> QuerySet[CountryPrice, Any]:
    return CountryPrice.objects.filter(country=country).values("price")


@dataclass(frozen=True, slots=True)
class _Hour:
    """The spend of the last hour, of one country and of all, with the price of one message more."""

    at: datetime
    country: str
    minutes: Mapping[str, Sequence[tuple[datetime, Decimal]]]
    since: Mapping[str, Decimal]
    price: Decimal

    @classmethod
    def of(cls, country: str, *, at: datetime) -> "_Hour":
        begin = first_minute(at)
        rows = _minutes(country, begin)
        counted_to = max((row.counted_to for row in rows if row.route == EVERYWHERE), default=begin)
        assumed = ASSUMED_PRICE()
        since = {row.route: row.amount for row in _spent_since(counted_to, assumed)}
        return cls(
            at=at,
            country=country,
            minutes={
                route: [(row.minute, row.amount) for row in rows if row.route == route]
                for route in (country, EVERYWHERE)
            },
            since={country: since.get(country, NOTHING), EVERYWHERE: sum(since.values(), NOTHING)},
            price=rows[0].price if rows and rows[0].price is not None else assumed,
        )

    def first_without_room(self, *, messages: int) -> SpendCap | None:
        caps = {self.country: SPEND_CAP_COUNTRY_HOUR(), EVERYWHERE: SPEND_CAP_HOUR()}
        for route, cap in caps.items():
            spent = sum((amount for _, amount in self.minutes[route]), self.since[route])
            over = spent + messages * self.price - cap
            if over > 0:
                return SpendCap(route, spent, cap, self._until(route, over))
        return None

    def _until(self, route: str, over: Decimal) -> datetime:
        """When the oldest minutes that make up for `over` have left the hour."""
        for minute, amount in self.minutes[route]:
            over -= amount
            if over <= 0:
                return minute + (MINUTES + 1) * MINUTE
        return whole_minute(self.at) + (MINUTES + 1) * MINUTE


class _Minute(NamedTuple):
    route: str
    minute: datetime
    amount: Decimal
    counted_to: datetime
    price: Decimal | None


class _Since(NamedTuple):
    route: str
    amount: Decimal


# Asked before each message: the SQL of these two is made once.
_minutes_of = ReadyValues(
    lambda country, begin: (
        SpendMinute.objects.filter(country__in=(country, EVERYWHERE), minute__gte=begin)
        .order_by("minute")
        .values_list("country", "minute", "amount", "counted_to", Subquery(_told(Value(country))))
    ),
    "ZZ",
    datetime.min.replace(tzinfo=UTC),
)
_since = ReadyValues(
    lambda moment, assumed: (
        SmsMessage.objects.filter(created_at__gte=moment)
        .exclude(state__in=UNSPENT)
        .annotate(estimate=price_of(OuterRef("country"), assumed))
        .order_by()
        .values("country")
        .annotate(amount=Sum("estimate"))
        .values_list("country", "amount")
    ),
    datetime.min.replace(tzinfo=UTC),
    Decimal("0.00001"),
)


def _minutes(country: str, begin: datetime) -> list[_Minute]:
    return [_Minute(*row) for row in _minutes_of(country, begin)]


def _spent_since(moment: datetime, assumed: Decimal) -> list[_Since]:
    return [_Since(*row) for row in _since(moment, assumed)]
