"""Messages as the load puts them into the outbox, and what became of them."""

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count

from django.db import transaction
from django.utils import timezone

from smsproviders import outbox
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.vocabulary import Decision, MessageState
from tests.benchmarks import visitors
from tests.services.waiting import wait_until

BODY = "123456 is your Back Office security code.\n\n@127.0.0.1 #123456"
LOAD_THREADS = 4
OPEN = (MessageState.QUEUED, MessageState.SENDING)

_british = count()


def british_number() -> str:
    """That nobody had yet; those of `visitors.next_number` are French."""
    return f"+4477{next(_british) + 10_000_000:08d}"


def queueing(
    committed: dict[str, float], number_of: Callable[[], str] = visitors.next_number
) -> Callable[[], None]:
    """A call that writes a message down and notes the moment after the commit.

    What was registered first is called first, so it is before the message is published.
    """
    number = number_of()

    def queue() -> None:
        with transaction.atomic():
            transaction.on_commit(lambda: committed.update({number: time.time()}))
            outbox.queue(
                number=number,
                body=BODY,
                purpose="sign_in",
                expires_at=timezone.now() + timedelta(minutes=10),
            )

    return queue


def wait_until_taken(number: int) -> None:
    """Until so many messages were taken, and each has exactly one attempt, which says so.

    Of some the provider may have been asked meanwhile: those are further than taken.
    """
    taken = SmsMessage.objects.filter(accepted_at__isnull=False, lease=None)
    wait_until(lambda: taken.count() == number, within=300, every=0.2)
    if SmsAttempt.objects.filter(decision=Decision.DONE).count() != number:
        raise AssertionError("a message was sent twice")


def wait_until_ended(within: float = 120) -> None:
    """Until no message waits for anything."""
    waiting = SmsMessage.objects.filter(state__in=OPEN)
    wait_until(lambda: not waiting.exists(), within=within, every=0.2)


def per_second(moments: list[float]) -> float:
    """Without the first and the last tenth: a worker that starts, and one with little left."""
    ordered = sorted(moments)
    kept = ordered[len(ordered) // 10 : len(ordered) * 9 // 10]
    return (len(kept) - 1) / (kept[-1] - kept[0])
