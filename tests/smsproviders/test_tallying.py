"""Success, conversion and latency: what is counted, and that counting again does no harm."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders import figures, tallying
from smsproviders.figures import Figures
from smsproviders.latencies import EDGES_MS, latency_of
from smsproviders.models import ProviderTally, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, Progress
from tests.services.threads import run_together
from tests.smsproviders.conftest import MakeProvider

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
_numbers = iter(range(10**9))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def called(
    provider: SmsProvider,
    *,
    ago: timedelta = timedelta(minutes=20),
    decision: str = Decision.DONE,
    progress: str = "",
    reference: str = "challenge",
    typed: bool = False,
    arrived_after: float | None = None,
    duration_ms: int | None = None,
    lives: timedelta = timedelta(minutes=5),
) -> SmsAttempt:
    at = timezone.now() - ago
    message = SmsMessage.objects.create(
        number="+447700900123",
        purpose="sign_in",
        reference=reference,
        expires_at=at + lives,
        converted_at=at if typed else None,
        delivered_at=at + timedelta(seconds=arrived_after) if arrived_after else None,
    )
    return SmsAttempt.objects.create(
        id=first_uuid7_at(at).__class__(int=first_uuid7_at(at).int + next(_numbers)),
        message=message,
        provider=provider,
        provider_caption=provider.caption,
        number=1,
        started_at=at,
        decision=decision,
        progress=progress or (Progress.DELIVERED if arrived_after else ""),
        duration_ms=duration_ms,
    )


def figures_of(provider: SmsProvider) -> Figures:
    while tallying.count_due() == tallying.AT_ONCE:
        pass
    return figures.figures_of([provider.pk])[provider.pk]


def test_success_is_what_was_taken_and_not_reported_as_lost(twilio_provider: SmsProvider) -> None:
    called(twilio_provider)
    called(twilio_provider, progress=Progress.DELIVERED)
    called(twilio_provider, decision=Decision.NEXT_ONCE, progress=Progress.UNDELIVERED)
    called(twilio_provider, decision=Decision.NEXT)
    called(twilio_provider, decision=Decision.AMBIGUOUS)
    called(twilio_provider, decision="")  # still running
    success = figures_of(twilio_provider).day.success
    assert (success.part, success.whole, success.percent) == (2, 5, 40)


def test_conversion_is_what_was_typed_of_the_codes_that_were_taken(
    twilio_provider: SmsProvider,
) -> None:
    called(twilio_provider, typed=True)
    called(twilio_provider)
    called(twilio_provider, decision=Decision.NEXT_ONCE, progress=Progress.UNDELIVERED)
    called(twilio_provider, decision=Decision.NEXT)  # never taken
    called(twilio_provider, reference="")  # a test
    called(twilio_provider, lives=timedelta(hours=1))  # may still be typed
    conversion = figures_of(twilio_provider).day.conversion
    assert (conversion.part, conversion.whole, conversion.percent) == (1, 3, 33)


def test_the_hour_the_day_and_the_hours_of_the_clock_are_told_apart(
    twilio_provider: SmsProvider,
) -> None:
    for ago in (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=23, minutes=50)):
        called(twilio_provider, ago=ago)
    called(twilio_provider, ago=timedelta(hours=25), decision=Decision.NEXT)
    found = figures_of(twilio_provider)
    assert (found.hour.success.whole, found.day.success.whole) == (1, 3)
    assert len(found.hours) == 24
    assert (found.hours[0].at.hour, found.hours[-1].at.hour) == (13, 12)
    assert [one.at.hour for one in found.hours if one.span.success.whole] == [10, 11]


def test_nothing_sent_has_no_figures(twilio_provider: SmsProvider) -> None:
    found = figures_of(twilio_provider)
    assert found.day.success.percent is None
    assert found.day.conversion.percent is None
    assert (found.day.answer, found.day.arrival) == (None, None)
    assert found.counted_at == NOON


def test_latencies_are_right_to_a_tenth(twilio_provider: SmsProvider) -> None:
    for number in range(1, 101):
        called(twilio_provider, duration_ms=number * 10, arrived_after=number / 10)
    day = figures_of(twilio_provider).day
    assert day.answer is not None
    assert day.arrival is not None
    assert day.answer.median == pytest.approx(500, rel=0.1)
    assert day.answer.p95 == pytest.approx(950, rel=0.1)
    assert day.arrival.median == pytest.approx(5_000, rel=0.1)
    assert day.arrival.p95 == pytest.approx(9_500, rel=0.1)


def test_a_time_beyond_all_buckets_counts_as_the_longest(twilio_provider: SmsProvider) -> None:
    called(twilio_provider, duration_ms=10**9)
    answer = figures_of(twilio_provider).day.answer
    assert answer is not None
    assert answer.p95 <= EDGES_MS[-1]
    assert answer.median > EDGES_MS[-2]
    assert latency_of([{}]) is None


def test_what_is_learned_later_is_counted_the_older_the_later(
    twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    one = called(twilio_provider, ago=timedelta(minutes=5))
    assert figures_of(twilio_provider).day.success.percent == 100
    SmsAttempt.objects.filter(pk=one.pk).update(
        decision=Decision.NEXT_ONCE, progress=Progress.UNDELIVERED
    )
    clock.shift(timedelta(seconds=30))
    assert figures_of(twilio_provider).day.success.percent == 0
    clock.shift(timedelta(hours=10))
    SmsAttempt.objects.filter(pk=one.pk).update(decision=Decision.DONE, progress="")
    assert figures_of(twilio_provider).day.success.percent == 100
    SmsAttempt.objects.all().delete()
    clock.shift(timedelta(hours=1))
    assert figures_of(twilio_provider).day.success.percent == 100  # counted an hour ago


def test_what_was_counted_outlives_its_attempts_and_ends_after_a_week(
    twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    called(twilio_provider)
    figures_of(twilio_provider)
    SmsAttempt.objects.all().delete()
    clock.shift(timedelta(days=2))
    tallying.count_due()
    assert ProviderTally.objects.filter(calls=1).exists()
    clock.shift(timedelta(days=8))
    tallying.count_due()
    assert not ProviderTally.objects.filter(calls=1).exists()


def test_the_newest_is_counted_first_and_a_run_has_an_end(twilio_provider: SmsProvider) -> None:
    called(twilio_provider, ago=timedelta(minutes=1))
    assert tallying.count_due() == tallying.AT_ONCE
    assert figures.figures_of([twilio_provider.pk])[twilio_provider.pk].hour.success.whole == 1


def test_a_run_costs_the_same_whatever_is_sent(twilio_provider: SmsProvider) -> None:
    figures_of(twilio_provider)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            tallying.count_due()
        return len(captured)

    calm = queries()
    for _ in range(20):
        called(twilio_provider, ago=timedelta(minutes=1))
    assert queries() == calm <= 30


def test_each_provider_has_figures_of_its_own(make_twilio_provider: MakeProvider) -> None:
    one, other = make_twilio_provider(), make_twilio_provider(name="other")
    called(one)
    called(other, decision=Decision.NEXT)
    figures_of(one)
    with CaptureQueriesContext(connection) as captured:
        found = figures.figures_of([one.pk, other.pk])
    assert [found[pk].day.success.percent for pk in (one.pk, other.pk)] == [100, 0]
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_count_the_same(
    make_twilio_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallying, "AT_ONCE", 3)
    providers = [make_twilio_provider(name=name) for name in ("one", "two", "three")]
    for provider in providers:
        called(provider, ago=timedelta(minutes=1))
    run_together(4, lambda _: tallying.count_due())
    tallies: list[Any] = list(ProviderTally.objects.filter(calls__gt=0).values_list("calls"))
    assert tallies == [(1,), (1,), (1,)]
