"""A provider's messages per second, kept by all workers together."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from itertools import pairwise
from uuid import UUID

import pytest
import redis
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connections
from pytest_django.fixtures import Settings

from backoffice.audit import log
from backoffice.audit.models import AuditEvent
from backoffice.common.identifiers import uuid7
from smsproviders import configuring, rate_limits
from smsproviders.backends.vonage import VonageBackend
from smsproviders.log_actions import PROVIDER_CHANGED
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.provider_fields import fields_of
from smsproviders.rate_limits import Turn, ask
from smsproviders.sending.delivering import deliver
from tests.services.waiting import wait_until
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.twilio_server import TwilioServer, no_callbacks, ok

pytestmark = pytest.mark.django_db(transaction=True)

# So slow that the line does not move while a test runs.
SLOW = 0.01 / rate_limits.PACE
FAST = 20.0
NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rate_limits, "PAUSE_SECONDS", 0.2)
    _forget()
    yield
    _forget()


def _forget() -> None:
    rate_limits._Shared.is_well = True
    rate_limits._Shared.processes = 1
    rate_limits._lines.clear()
    _reconnect()


def _reconnect() -> None:
    rate_limits._client.cache_clear()
    rate_limits._script.cache_clear()


@pytest.fixture(params=["with Redis", "without"])
def anyhow(request: pytest.FixtureRequest, settings: Settings) -> None:
    """The line moves alike, whoever keeps it."""
    if request.param == "without":
        settings.REDIS_URL = NOBODY
        _reconnect()


def seconds_of(turn: Turn) -> tuple[bool, float, bool]:
    return turn.now, round(turn.seconds), turn.placed


@pytest.mark.usefixtures("anyhow")
def test_each_gets_the_next_moment_and_who_must_wait_long_a_place() -> None:
    one = uuid7()
    assert [seconds_of(ask(one, SLOW)) for _ in range(3)] == [
        (True, 0, False),
        (False, 100, True),
        (False, 200, True),
    ]
    assert seconds_of(ask(uuid7(), SLOW)) == (True, 0, False), "another provider's line"


@pytest.mark.usefixtures("anyhow")
def test_near_moments_are_waited_for_on_the_spot() -> None:
    turns = [ask(one, FAST) for one in [uuid7()] * 4]
    assert all(turn.now for turn in turns)
    spaced = [later.seconds - turn.seconds for turn, later in pairwise(turns)]
    assert spaced == pytest.approx([1 / (FAST * rate_limits.PACE)] * 3, abs=0.02)


@pytest.mark.usefixtures("anyhow")
def test_who_will_not_wait_takes_no_place() -> None:
    one = uuid7()
    ask(one, SLOW)
    assert [seconds_of(ask(one, SLOW, patience=1)) for _ in range(2)] == [(False, 100, False)] * 2
    assert seconds_of(ask(one, SLOW, patience=101)) == (False, 100, True)


@pytest.mark.usefixtures("anyhow")
def test_who_comes_back_at_his_place_goes_before_who_is_new() -> None:
    one, rate = uuid7(), 4.0
    places = [ask(one, rate) for _ in range(3)]
    assert [turn.now for turn in places] == [True, False, False]
    time.sleep(places[1].seconds)
    assert not ask(one, rate).now
    assert ask(one, rate, placed=True).now
    assert seconds_of(ask(one, 1000.0, placed=True)) == (False, 0, True), "its turn is not yet"


def test_the_rate_is_the_providers_own_else_its_backends(
    make_twilio_provider: MakeProvider,
) -> None:
    provider = make_twilio_provider()
    assert rate_limits.rate_of(provider) is None
    provider.messages_per_second = 2.5
    assert rate_limits.rate_of(provider) == 2.5
    provider.backend, provider.messages_per_second = VonageBackend.key, None
    assert rate_limits.rate_of(provider) == 30


def test_an_operator_sets_it(settings: Settings) -> None:
    settings.DEBUG = True
    call_command(
        "add_sms_provider", "sandbox", "--caption", "S", "--rate", "2.5", stderr=StringIO()
    )
    provider = SmsProvider.objects.get()
    assert rate_limits.rate_of(provider) == 2.5
    with pytest.raises(ValidationError) as refused:
        configuring.change(
            provider, replace(fields_of(provider), messages_per_second=0.0), actor=log.SYSTEM
        )
    assert list(refused.value.message_dict) == ["messages_per_second"]
    changed = replace(fields_of(provider), messages_per_second=7.0)
    assert configuring.change(provider, changed, actor=log.SYSTEM) == ["messages_per_second"]
    facts = AuditEvent.objects.get(action=PROVIDER_CHANGED.key).facts
    assert facts["after"] == {"messages_per_second": 7.0}


def test_without_redis_each_process_keeps_its_share(
    broker: redis.Redis, settings: Settings
) -> None:
    one = uuid7()
    for name in ("a", "b", "c"):
        broker.zadd(f"sms-rate:{{{one}}}:processes", {name: time.time()})
    ask(one, FAST)
    settings.REDIS_URL = NOBODY
    _reconnect()
    turns = [ask(one, FAST) for _ in range(2)]
    # A quarter of the rate.
    assert turns[1].seconds == pytest.approx(4 / (FAST * rate_limits.PACE), abs=0.05)


@pytest.fixture
def silent_redis() -> Iterator[str]:
    """Accepts the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_silent_redis_costs_a_tenth_of_a_second_once_until_it_answers(
    settings: Settings, silent_redis: str, broker: redis.Redis
) -> None:
    answering, settings.REDIS_URL = settings.REDIS_URL, silent_redis
    _reconnect()
    began = time.monotonic()
    assert ask(uuid7(), FAST).now
    first = time.monotonic() - began
    for _ in range(100):
        assert ask(uuid7(), FAST).now
    assert first < 0.4
    assert time.monotonic() - began < first + 0.1

    settings.REDIS_URL = answering
    _reconnect()
    wait_until(lambda: rate_limits._Shared.is_well)
    one = uuid7()
    ask(one, FAST)
    assert broker.exists(f"sms-rate:{{{one}}}")


# In sending


def test_a_burst_from_many_threads_is_never_too_fast_for_the_provider(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    twilio.change_account(sends_per_second=25)
    twilio.behave(ok().calling(no_callbacks()))
    make_twilio_provider(messages_per_second=25)
    messages = [queue(reference=str(number)).pk for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_deliver_until_sent, messages))
    assert len(twilio.messages) == len(twilio.requests) == 40


def _deliver_until_sent(message_id: UUID) -> None:
    """As a worker that comes back when it is told to."""
    try:
        while due := SmsMessage.objects.get(pk=message_id).next_attempt_at:
            time.sleep(max(0.0, due.timestamp() - time.time()))
            deliver(message_id)
    finally:
        connections.close_all()


def test_a_message_waits_in_the_queue_for_its_moment(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    provider = make_twilio_provider(messages_per_second=0.05)
    deliver_now(queue())
    waiting = deliver_now(queue())
    assert (waiting.state, waiting.cause, waiting.held_since) == ("queued", "", None)
    assert waiting.in_line_for == provider.pk
    assert waiting.next_attempt_at
    assert 22 < (waiting.next_attempt_at - waiting.created_at).total_seconds() < 27
    assert len(twilio.requests) == 1


def test_rather_than_wait_for_more_than_a_second_it_takes_the_next_provider(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="First", name="first", priority=1, messages_per_second=0.05)
    make_twilio_provider(caption="Second", name="second", priority=2)
    sent = [outcomes_of(deliver_now(queue())) for _ in range(2)]
    assert sent == [[("First", "done")], [("Second", "done")]]


def test_where_all_are_busy_it_waits_for_the_one_that_is_free_first(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    first = make_twilio_provider(name="first", priority=1, messages_per_second=0.05)
    make_twilio_provider(name="second", priority=2, messages_per_second=0.02)
    for _ in range(2):
        deliver_now(queue())
    waiting = deliver_now(queue())
    assert waiting.in_line_for == first.pk
    assert waiting.next_attempt_at
    assert 22 < (waiting.next_attempt_at - waiting.created_at).total_seconds() < 27


def test_what_waits_for_long_is_left_to_the_sweeper(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    SmsProvider.objects.update(messages_per_second=0.02)
    deliver_now(queue())
    assert deliver_now(queue()).published_at is None
