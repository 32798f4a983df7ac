"""Adding up what was spent, minute by minute, for `spending`; and what a message costs lately.

Done by tasks, again and again from the messages themselves: two at once, or none for a while, do no
harm. Without them `spending` adds up the whole hour at each message, which is right, but slower.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Avg, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMinute
from django.utils import timezone

from backoffice.common import advisory_locks
from smsproviders.models import EVERYWHERE, CountryPrice, SmsAttempt, SmsMessage, SpendMinute
from smsproviders.policy_keys import ASSUMED_PRICE, SPEND_CURRENCY
from smsproviders.spending import AMOUNT, UNSPENT, first_minute, price_of, whole_minute

# A message that is being queued has its time already, and is seen at its commit only.
COMMITTED_WITHIN = timedelta(seconds=10)
# As long as a message may fail yet, or its price be told.
RECOUNTED = timedelta(minutes=12)
KEPT = timedelta(hours=3)
PRICED_LATELY = timedelta(days=7)
PRICES_LOOKED_AT = 5000

Amounts = dict[tuple[str, datetime], Decimal]


def count() -> None:
    """Bring the minutes up to date; those that can change no more are left as they are."""
    now = timezone.now()
    counted_to = now - COMMITTED_WITHIN
    with transaction.atomic():
        advisory_locks.hold("spend counting")
        begin = _begin(now)
        amounts = _amounts(begin, counted_to)
        SpendMinute.objects.filter(minute__gte=begin).delete()
        SpendMinute.objects.bulk_create(
            SpendMinute(country=country, minute=minute, amount=amount, counted_to=counted_to)
            for (country, minute), amount in amounts.items()
        )
        SpendMinute.objects.filter(minute__lt=now - KEPT).delete()


def renew_prices() -> None:
    """What the providers told within the last week, at most of the newest messages."""
    since = timezone.now() - PRICED_LATELY
    newest = _told().filter(started_at__gt=since).order_by("-started_at")[:PRICES_LOOKED_AT]
    prices = SmsAttempt.objects.filter(pk__in=newest.values("pk")).values("message__country")
    found = prices.annotate(price=Avg("price"), told_at=Max("started_at")).order_by()
    rows = [CountryPrice(row["message__country"], row["price"], row["told_at"]) for row in found]
    CountryPrice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["country"],
        update_fields=["price", "told_at"],
    )
    CountryPrice.objects.filter(told_at__lte=since).delete()


def _begin(now: datetime) -> datetime:
    oldest = first_minute(now)
    newest = SpendMinute.objects.filter(country=EVERYWHERE).order_by("-minute").first()
    return max(oldest, whole_minute(newest.counted_to - RECOUNTED)) if newest else oldest


def _amounts(begin: datetime, end: datetime) -> Amounts:
    """By country and minute, and of all countries together: of the last minute even when nothing
    was spent in it, since it tells up to when was counted."""
    amounts: Amounts = {(EVERYWHERE, whole_minute(end)): Decimal(0)}
    for country, minute, amount in _by_minute(begin, end):
        amounts[country, minute] = amount
        amounts[EVERYWHERE, minute] = amounts.get((EVERYWHERE, minute), Decimal(0)) + amount
    return amounts


def _by_minute(begin: datetime, end: datetime) -> Iterable[tuple[str, datetime, Decimal]]:
    told = _told().filter(message=OuterRef("pk")).order_by().values("message")
    own_price = Subquery(told.annotate(told=Sum("price")).values("told"))
    estimate = price_of(OuterRef("country"), ASSUMED_PRICE())
    return (
        SmsMessage.objects.filter(created_at__gte=begin, created_at__lt=end)
        .exclude(state__in=UNSPENT)
        .annotate(
            minute=TruncMinute("created_at", tzinfo=UTC),
            amount=Coalesce(own_price, estimate, output_field=AMOUNT),
        )
        .order_by()
        .values("country", "minute")
        .annotate(total=Sum("amount"))
        .values_list("country", "minute", "total")
    )


def _told() -> QuerySet[SmsAttempt]:
    return SmsAttempt.objects.filter(
        price__isnull=False, currency__in=(SPEND_CURRENCY().upper(), "")
    )
