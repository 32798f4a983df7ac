"""Many sends while workers are killed at random moments and the broker is restarted: none is lost,
none is sent twice without a reason.

The long one, with a thousand, is left out of `make test`: `make test-faults` runs it, and CI.
"""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from smsproviders import settling
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import FINAL_STATES, MessageState
from tests.faults.conftest import publishing_to
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcess, CeleryProcesses
from tests.smsproviders.messages import queue
from tests.twilio_server import TwilioServer, no_callbacks, slow

if TYPE_CHECKING:
    from backoffice.development.valkey import Valkey

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAKEN = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)
THREADS = 8


@dataclass(frozen=True, slots=True)
class Storm:
    messages: int
    kills: int
    restarts: int


SHORT = Storm(messages=60, kills=1, restarts=1)
LONG = Storm(messages=1000, kills=14, restarts=2)


@dataclass
class Workers:
    """Two, one of which is killed and replaced now and then."""

    processes: CeleryProcesses
    variables: dict[str, Any]

    def __post_init__(self) -> None:
        self._running = [self._start(), self._start()]
        self._running[0].wait_for(r"ready\.")

    def kill_one(self) -> None:
        self._running.pop(random.randrange(2)).kill()
        self._running.append(self._start())

    def _start(self) -> CeleryProcess:
        return self.processes.worker(threads=THREADS, wait=False, **self.variables)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "storm",
    [pytest.param(SHORT, id="60"), pytest.param(LONG, id="1000", marks=pytest.mark.long)],
)
def test_no_message_is_lost_and_only_an_ambiguous_send_is_repeated(
    storm: Storm,
    own_valkey: "Valkey",
    celery_processes: CeleryProcesses,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    variables: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    twilio.behave(slow(0.3).calling(no_callbacks()))
    variables["REDIS_URL"] = own_valkey.url
    celery_processes.beat(wait=False, **variables)
    workers = Workers(celery_processes, variables)

    def restart_the_broker() -> None:
        own_valkey.kill()
        own_valkey.start()

    blows = [workers.kill_one] * storm.kills + [restart_the_broker] * storm.restarts
    random.shuffle(blows)
    with publishing_to(own_valkey.url):
        for number in range(storm.messages):
            queue(number=f"+4477009{number:05}", reference=str(number), lives=600)
        strike(blows, twilio, storm)
        open_ones = SmsMessage.objects.exclude(state__in=[*TAKEN, MessageState.UNKNOWN])
        wait_until(lambda: not open_ones.exists(), within=60 + storm.messages / 5, every=0.5)
    celery_processes.end()
    counts = count(twilio)
    with capsys.disabled():
        told = ", ".join(f"{number} {what}" for what, number in counts.items())
        sys.stdout.write(f"\n{storm}: {told}\n")
    assert counts["lost"] == counts["duplicates without a reason"] == counts["neither"] == 0
    assert counts["final"] + counts["settled"] == storm.messages


def strike(blows: list[Callable[[], None]], twilio: TwilioServer, storm: Storm) -> None:
    """Spread over the sends, each at a random moment."""
    for number, blow in enumerate(blows, start=1):
        due = number * storm.messages // (len(blows) + 2)
        wait_until(lambda due=due: sum(twilio.sends_by_destination().values()) >= due, within=90)  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.3))  # the moment is the point
        blow()


def count(twilio: TwilioServer) -> dict[str, int]:
    """How the rows stand once the codes are dead, against what the provider received."""
    with time_machine.travel(SmsMessage.objects.latest("expires_at").expires_at + A_SECOND):
        while settling.close_expired():
            pass
    received = twilio.messages_by_destination()
    ended = SmsMessage.objects.filter(finished_at__isnull=False, body="")
    taken = set(SmsMessage.objects.filter(state__in=TAKEN).values_list("number", flat=True))
    twice = {number for number, times in received.items() if times > 1}
    return {
        "final": ended.filter(state__in=FINAL_STATES).count(),
        "settled": ended.exclude(state__in=FINAL_STATES).count(),
        "unknown": ended.filter(state=MessageState.UNKNOWN).count(),
        "neither": SmsMessage.objects.filter(finished_at=None).count(),
        "ambiguous attempts": SmsAttempt.objects.filter(duration_ms=None).count(),
        "ambiguous duplicates": len(twice & once_more()),
        "duplicates without a reason": len(twice - once_more())
        + sum(times > 2 for times in received.values()),
        "lost": len(taken - set(received))
        + ended.filter(state__in=[MessageState.EXPIRED, MessageState.FAILED]).count(),
    }


A_SECOND = timedelta(seconds=1)


def once_more() -> set[str]:
    """Numbers whose first call has no answer, since its worker was killed in it."""
    unanswered = SmsAttempt.objects.filter(duration_ms=None, number=1)
    return set(unanswered.values_list("message__number", flat=True))
