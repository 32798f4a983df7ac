"""At most half of a worker's threads are in calls of one provider."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import celery.concurrency.prefork
import celery.concurrency.thread
import pytest

from backoffice.common.identifiers import uuid7
from smsproviders import asking, bulkheads
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.sending.delivering import deliver
from smsproviders.vocabulary import MessageState
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcesses
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.twilio_server import TwilioServer, hang, no_callbacks, ok

pytestmark = pytest.mark.django_db(transaction=True)

ONE, OTHER = uuid7(), uuid7()


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> bulkheads._Calls:
    """As in a worker of four threads that does nothing yet."""
    made = bulkheads._Calls()
    made.threads = 4
    monkeypatch.setattr(bulkheads, "_calls", made)
    return made


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def occupy(calls: bulkheads._Calls, provider_id: Any, *, threads: int, seconds: float) -> None:
    """As if so many other threads had been in calls of it for that long."""
    for number in range(threads):
        calls.running[-1 - len(calls.running)] = (provider_id, time.monotonic() - seconds)
        assert number < threads


def test_half_of_the_threads_get_in(calls: bulkheads._Calls) -> None:
    occupy(calls, ONE, threads=1, seconds=1)
    assert bulkheads.enter(ONE, limited=True) is None
    bulkheads.leave()
    occupy(calls, ONE, threads=1, seconds=1)
    assert bulkheads.enter(ONE, limited=True) is not None
    assert bulkheads.enter(OTHER, limited=True) is None
    assert list(calls.running.values())[-1][0] == OTHER


def test_one_that_is_alone_gets_them_all(calls: bulkheads._Calls) -> None:
    occupy(calls, ONE, threads=3, seconds=1)
    assert bulkheads.enter(ONE, limited=False) is None


def test_a_worker_of_one_thread_makes_one_call(calls: bulkheads._Calls) -> None:
    calls.threads = 1
    assert bulkheads.enter(ONE, limited=True) is None


def test_leaving_twice_is_harmless(calls: bulkheads._Calls) -> None:
    bulkheads.enter(ONE, limited=True)
    bulkheads.leave()
    bulkheads.leave()
    assert calls.running == {}


def test_those_turned_away_come_back_as_places_become_free(calls: bulkheads._Calls) -> None:
    occupy(calls, ONE, threads=2, seconds=0.1)
    calm = [bulkheads.enter(ONE, limited=True) or 0 for _ in range(3)]
    occupy(calls, OTHER, threads=2, seconds=4)
    stuck = [bulkheads.enter(OTHER, limited=True) or 0 for _ in range(3)]
    assert calm == pytest.approx([0.15, 0.25, 0.35], abs=0.04)
    assert stuck == pytest.approx([4.05, 5, 5], abs=0.04)


@pytest.mark.parametrize(
    ("pool", "threads"),
    [(celery.concurrency.thread.TaskPool, 16), (celery.concurrency.prefork.TaskPool, None)],
)
def test_it_knows_the_pool_of_its_worker(
    calls: bulkheads._Calls, pool: type, threads: int | None
) -> None:
    bulkheads.know_the_pool(SimpleNamespace(pool_cls=pool, concurrency=16))
    assert calls.threads == threads


# In sending


def test_a_message_that_finds_no_place_takes_the_next_provider(
    twilio: TwilioServer, make_twilio_provider: MakeProvider, calls: bulkheads._Calls
) -> None:
    first = make_twilio_provider(caption="First", name="first", priority=1)
    make_twilio_provider(caption="Second", name="second", priority=2)
    occupy(calls, first.pk, threads=2, seconds=1)
    assert outcomes_of(deliver_now(queue())) == [("Second", "done")]


def test_without_another_it_goes_back_to_the_queue_for_a_moment(
    twilio: TwilioServer, make_twilio_provider: MakeProvider, calls: bulkheads._Calls
) -> None:
    british = make_twilio_provider(name="british", countries=["GB"])
    make_twilio_provider(name="french", countries=["FR"])
    occupy(calls, british.pk, threads=2, seconds=1)
    message = deliver_now(queue())
    assert (message.state, message.held_since, message.attempts.count()) == ("queued", None, 0)
    assert message.next_attempt_at
    assert 0 < (message.next_attempt_at - message.created_at).total_seconds() < 3
    calls.running.clear()
    assert deliver_now(message).state == MessageState.ACCEPTED


def test_the_place_is_free_after_the_call_whatever_came_of_it(
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    calls: bulkheads._Calls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver_now(queue())
    assert calls.running == {}
    with monkeypatch.context() as patch:
        patch.setattr("smsproviders.sending.calling.call", _die)
        with pytest.raises(KeyboardInterrupt):
            deliver(queue().pk)
    assert calls.running == {}


def _die(_: Any) -> None:
    raise KeyboardInterrupt


def test_questions_have_their_place_too(
    twilio: TwilioServer, twilio_provider: SmsProvider, calls: bulkheads._Calls
) -> None:
    twilio.behave(ok().calling(no_callbacks()))
    attempt = deliver_now(queue()).attempts.get()
    occupy(calls, twilio_provider.pk, threads=2, seconds=1)
    asking.ask_by_id(attempt.pk)
    assert len(twilio.requests) == 1
    calls.running.clear()
    asking.ask_by_id(attempt.pk)
    assert len(twilio.requests) == 2
    assert calls.running == {}


@pytest.mark.faults
def test_a_provider_that_hangs_stops_no_other(
    twilio: TwilioServer, make_twilio_provider: MakeProvider, celery_processes: CeleryProcesses
) -> None:
    make_twilio_provider(name="british", countries=["GB"])
    make_twilio_provider(name="french", countries=["FR"])
    twilio.behave(ok().calling(no_callbacks()))
    stuck = [f"+4477009001{number:02}" for number in range(10)]
    for number in stuck:
        twilio.behave_towards(number, hang())
    celery_processes.worker("-Q", "codes", threads=4, TWILIO_API_URL=twilio.url)
    for number in stuck:
        queue(number=number, reference=number)
    twilio.wait_for_requests(2)
    others = [queue(number=f"+3361234{n:04}", reference=str(n)) for n in range(20)]
    sent = SmsMessage.objects.filter(country="FR", state=MessageState.ACCEPTED)
    wait_until(lambda: sent.count() == len(others), within=7)
    assert sum(twilio.sends_by_destination()[number] for number in stuck) == 2
