"""What sending costs, and whether the money of the hour is spent. Checked before a message is made.

An estimate, on the safe side. A message counts from the moment it is queued, with the price that
providers told lately for its country (`CountryPrice`), else the assumed one; once its own price is
told, with that. What failed or expired is taken out again. The hour is that of whole minutes: sixty
and the present one. Older messages are added up per minute by `spend_counting`; what came since is
added up here, so that the cost of a question does not grow with the traffic of an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from backoffice.common import advisory_locks
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


def price_of(country: OuterRef | Value) -> Coalesce:
    """The estimate for one message, within a query."""
    told = CountryPrice.objects.filter(country=country).values("price")
    return Coalesce(Subquery(told), Value(ASSUMED_PRICE()), output_field=AMOUNT)


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
        rows = list(
            SpendMinute.objects.filter(country__in=(country, EVERYWHERE), minute__gte=begin)
            .order_by("minute")
            .values_list("country", "minute", "amount", "counted_to", price_of(Value(country)))
        )
        counted_to = max((row[3] for row in rows if row[0] == EVERYWHERE), default=begin)
        return cls(
            at=at,
            country=country,
            minutes={
                route: [(row[1], row[2]) for row in rows if row[0] == route]
                for route in (country, EVERYWHERE)
            },
            since=_spent_since(counted_to, country),
            price=rows[0][4] if rows else ASSUMED_PRICE(),
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


def _spent_since(moment: datetime, country: str) -> dict[str, Decimal]:
    rows = SmsMessage.objects.filter(created_at__gte=moment).exclude(state__in=UNSPENT)
    price = price_of(OuterRef("country"))
    found = rows.annotate(estimate=price).aggregate(
        here=Sum("estimate", filter=Q(country=country)), everywhere=Sum("estimate")
    )
    return {country: found["here"] or NOTHING, EVERYWHERE: found["everywhere"] or NOTHING}
