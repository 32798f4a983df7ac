"""Values of queries whose SQL is made once are those that Django gives."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Count, Sum
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backoffice.common.ready_values import ReadyValues
from smsproviders.models import SmsMessage, SpendMinute
from tests.smsproviders.sent_codes import codes

pytestmark = pytest.mark.django_db

by_country = ReadyValues(
    lambda least, country: (
        SmsMessage.objects.filter(created_at__gte=least, country=country)
        .order_by()
        .values("country")
        .annotate(number=Count("pk"))
        .values_list("number", "country")
    ),
    timezone.now(),
    "ZZ",
)


def test_it_gives_the_values_in_their_order(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    codes(3)
    codes(2, "+49176123", country="DE")
    since = timezone.now() - timedelta(hours=1)
    with django_assert_num_queries(2):
        assert by_country(since, "FR") == [(3, "FR")]
        assert by_country(since, "DE") == [(2, "DE")]
    assert by_country(timezone.now(), "FR") == []


def test_it_converts_amounts() -> None:
    at = timezone.now()
    for country, amount in (("FR", "1.5"), ("DE", "0.25")):
        SpendMinute.objects.create(
            country=country, minute=at, amount=Decimal(amount), counted_to=at
        )
    sums = ReadyValues(
        lambda minute: (
            SpendMinute.objects.filter(minute=minute)
            .order_by()
            .values("minute")
            .annotate(total=Sum("amount"))
            .values_list("minute", "total")
        ),
        at - timedelta(days=1),
    )
    assert sums(at) == [(at, Decimal("1.75"))]


def test_a_stand_in_that_is_nowhere_is_an_error() -> None:
    with pytest.raises(TypeError, match="does not occur"):
        ReadyValues(lambda _: SmsMessage.objects.values_list("pk"), "nowhere")("x")
