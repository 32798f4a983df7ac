"""The money of the hour: estimated, added up, and never more than the caps, also in a race."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.policy import changes
from smsproviders import outbox, spend_counting, spending
from smsproviders.models import EVERYWHERE, CountryPrice, SmsMessage, SpendMinute
from smsproviders.spending import SpendCap
from smsproviders.vocabulary import MessageState
from tests.services.threads import run_together
from tests.smsproviders.sent_codes import a_code, codes, priced

NOW = datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC)
JUST_NOW = timedelta(seconds=1)


@pytest.fixture
def set_policy(db: None) -> Callable[..., None]:
    def set_to(**texts: str) -> None:
        changes.change(texts, actor=log.SYSTEM)

    return set_to


def closed(country: str = "FR") -> SpendCap | None:
    with transaction.atomic():
        return spending.closed_by(country, at=timezone.now())


def spent(country: str = EVERYWHERE) -> Decimal:
    return sum((row.amount for row in SpendMinute.objects.filter(country=country)), Decimal(0))


@pytest.mark.django_db
def test_s57_what_is_queued_counts_with_the_assumed_price(set_policy: Callable[..., None]) -> None:
    set_policy(spend_cap_country_hour="0.50", assumed_price="0.10")
    codes(4, ago=JUST_NOW, state=MessageState.QUEUED)
    assert closed() is None
    codes(1, ago=JUST_NOW, state=MessageState.QUEUED)
    cap = closed()
    assert cap is not None
    assert (cap.country, cap.spent, cap.cap) == ("FR", Decimal("0.5"), Decimal("0.5"))
    assert closed("DE") is None


@pytest.mark.django_db
def test_s57_all_countries_together_have_a_cap_too(set_policy: Callable[..., None]) -> None:
    set_policy(spend_cap_hour="0.50")
    codes(3, ago=JUST_NOW)
    codes(2, "+49176123", ago=JUST_NOW, country="DE")
    cap = closed("ES")
    assert cap is not None
    assert (cap.country, cap.spent) == (EVERYWHERE, Decimal("0.5"))


def test_s57_20_at_once_spend_no_more_than_the_cap(
    transactional_db: None, set_policy: Callable[..., None]
) -> None:
    set_policy(spend_cap_country_hour="1", spend_cap_hour="0.8")

    def send(index: int) -> bool:
        with transaction.atomic():
            if spending.closed_by("FR", at=timezone.now()):
                return False
            outbox.queue(
                number=f"+3361234{index:04}",
                body="text",
                purpose="sign_in",
                expires_at=timezone.now() + timedelta(minutes=5),
            )
            return True

    assert sorted(map(bool, run_together(20, send))) == [False] * 12 + [True] * 8
    assert SmsMessage.objects.count() == 8


@pytest.mark.django_db
def test_far_from_a_cap_nobody_waits_for_anybody(
    django_assert_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    with transaction.atomic():
        spending.closed_by("FR", at=timezone.now())  # reads the settings
        with django_assert_num_queries(2):
            spending.closed_by("FR", at=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.EXPIRED])
def test_what_never_left_costs_nothing(
    state: MessageState, set_policy: Callable[..., None]
) -> None:
    set_policy(spend_cap_country_hour="0.50")
    codes(9, ago=JUST_NOW, state=state)
    codes(9, ago=timedelta(minutes=3), state=state)
    spend_counting.count()
    assert closed() is None
    assert spent() == 0


@pytest.mark.django_db
def test_the_told_price_counts_where_it_is_known_and_the_latest_of_the_country_elsewhere() -> None:
    for index in range(2):
        priced(a_code(f"+3361234000{index}"), ["0.04", "0.06"][index])
    a_code("+33612340009")
    a_code("+4917612345678", country="DE")
    spend_counting.renew_prices()
    assert dict(CountryPrice.objects.values_list("country", "price")) == {"FR": Decimal("0.05")}
    spend_counting.count()
    assert spent("FR") == Decimal("0.15")
    assert spent("DE") == Decimal("0.10")
    assert spent() == Decimal("0.25")


@pytest.mark.django_db
def test_a_price_in_another_currency_is_not_taken_for_ours() -> None:
    priced(a_code("+33612340001"), "12", "JPY")
    spend_counting.renew_prices()
    spend_counting.count()
    assert not CountryPrice.objects.exists()
    assert spent("FR") == Decimal("0.10")


@pytest.mark.django_db
def test_each_call_that_was_paid_counts() -> None:
    message = a_code("+33612340001")
    priced(message, "0.04")
    priced(message, "0.05")
    spend_counting.count()
    assert spent("FR") == Decimal("0.09")


@pytest.mark.django_db
def test_prices_of_last_week_are_forgotten() -> None:
    message = a_code("+33612340001", ago=timedelta(days=6))
    priced(message, "0.04")
    spend_counting.renew_prices()
    assert CountryPrice.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        spend_counting.renew_prices()
    assert not CountryPrice.objects.exists()


@pytest.mark.django_db
def test_the_cap_opens_when_enough_of_the_hour_has_passed(
    set_policy: Callable[..., None],
) -> None:
    set_policy(spend_cap_country_hour="0.30")
    with time_machine.travel(NOW, tick=False) as clock:
        codes(1, "+3361111", ago=timedelta(minutes=30))
        codes(2, "+3362222", ago=timedelta(minutes=10))
        spend_counting.count()
        cap = closed()
        assert cap is not None
        assert cap.until == NOW.replace(second=0) + timedelta(minutes=31)
        clock.move_to(cap.until - timedelta(seconds=1))
        assert closed() is not None
        clock.move_to(cap.until)
        assert closed() is None


@pytest.mark.django_db
def test_a_message_counts_the_same_before_and_after_it_was_added_up(
    set_policy: Callable[..., None],
) -> None:
    set_policy(spend_cap_country_hour="0.30")
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(3):
            codes(1, ago=JUST_NOW)
            spend_counting.count()
            clock.shift(7)
        for _ in range(5):
            spend_counting.count()
            cap = closed()
            assert cap is not None
            assert cap.spent == Decimal("0.3")
            clock.shift(60)
        clock.move_to(NOW + timedelta(minutes=62))
        spend_counting.count()
        assert closed() is None


@pytest.mark.django_db
def test_without_the_task_the_whole_hour_is_added_up(set_policy: Callable[..., None]) -> None:
    set_policy(spend_cap_country_hour="0.30")
    codes(3, ago=timedelta(minutes=50))
    cap = closed()
    assert cap is not None
    assert cap.until > timezone.now()


@pytest.mark.django_db
def test_a_price_told_later_is_taken_in() -> None:
    message = a_code("+33612340001")
    spend_counting.count()
    assert spent("FR") == Decimal("0.10")
    priced(message, "0.03")
    spend_counting.count()
    assert spent("FR") == Decimal("0.03")


def test_counting_twice_at_once_counts_once(transactional_db: None) -> None:
    codes(3)
    assert run_together(4, lambda _: spend_counting.count()) == [None] * 4
    assert spent() == Decimal("0.30")
