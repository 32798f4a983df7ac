"""Our own clock is compared with the providers' and the database's."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
import time_machine
from django.utils import timezone

from smsproviders import answer_clock, clock_watch
from smsproviders.models import ClockReading

pytestmark = pytest.mark.django_db
PROVIDERS, DATABASE = ClockReading.Source.PROVIDERS, ClockReading.Source.DATABASE


@pytest.fixture(autouse=True)
def _a_process_that_has_seen_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_watch._Kept, "at", -clock_watch.EVERY_SECONDS)
    answer_clock.take()


def answer(seconds_ahead: float) -> None:
    """A provider's, whose clock is that far ahead of ours."""
    date = timezone.now() + timedelta(seconds=seconds_ahead)
    answer_clock.note(format_datetime(date, usegmt=True))


def test_a_clock_that_agrees_is_no_news() -> None:
    answer(0)
    clock_watch.keep()
    state = clock_watch.state()
    assert state is not None
    assert not state.is_off
    assert {row.source for row in ClockReading.objects.all()} == {PROVIDERS, DATABASE}


def test_a_provider_that_differs_is_a_doubt() -> None:
    answer(-95)
    clock_watch.keep()
    state = clock_watch.state()
    assert state is not None
    assert state.is_off
    assert not state.is_confirmed
    assert 93 < state.offset.total_seconds() < 97, "we are ahead"
    assert state.since is not None


def test_two_clocks_that_differ_alike_settle_it() -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=40), tick=False):
        answer_clock.note(format_datetime(timezone.now() - timedelta(seconds=40)))
        clock_watch.keep()
        state = clock_watch.state()
    assert state is not None
    assert state.is_confirmed


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Nov 2026 10:00:00 GMT"])
def test_what_is_no_date_is_passed_over(date: str | None) -> None:
    answer_clock.note(date)
    assert answer_clock.take() is None


def test_it_is_written_seldom() -> None:
    answer(0)
    clock_watch.keep()
    answer(-95)
    clock_watch.keep()
    assert not ClockReading.objects.get(source=PROVIDERS).off_since


def test_an_old_reading_tells_nothing() -> None:
    ClockReading.objects.create(
        source=DATABASE, offset_ms=60000, at=timezone.now() - timedelta(hours=2)
    )
    assert clock_watch.state() is None
