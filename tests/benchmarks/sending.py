"""Sending: from our commit to the provider's socket, and how much one worker can do."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from smsproviders import outbox
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.vocabulary import Decision
from tests.benchmarks import cpu, visitors
from tests.benchmarks.calling import closed_loop, paced
from tests.benchmarks.figures import Figures, Scale, Table, medians, spread
from tests.benchmarks.parts import Parts
from tests.services.waiting import wait_until
from tests.twilio_server import no_callbacks, slow

PROVIDER_SECONDS = 0.2
BEHAVIOUR = slow(PROVIDER_SECONDS).calling(no_callbacks())
BODY = "123456 is your Back Office security code.\n\n@127.0.0.1 #123456"
LOAD_THREADS = 4
# Messages a second, and the worker's threads.
PACES = ((50, 16), (50, 50), (100, 50))
POOLS = (16, 50)


def latency(parts: Parts, scale: Scale) -> Table:
    def figures(per_second: int, threads: int) -> Figures:
        return medians(
            scale.runs, lambda: _paced(parts, per_second, threads, seconds=scale.seconds)
        )

    return Table(
        title="From our commit to the provider's socket",
        about="The provider answers after 200 ms. Messages come at a steady pace.",
        columns={
            "p50 ms": 1, "p95 ms": 1, "p99 ms": 1, "worker CPU ms": 2, "PostgreSQL CPU ms": 2,
        },
        rows=[
            (f"{per_second}/s, {threads} threads", figures(per_second, threads))
            for per_second, threads in PACES
        ],
    )  # fmt: skip


def throughput(parts: Parts, scale: Scale) -> Table:
    def figures(threads: int) -> Figures:
        return medians(scale.runs, lambda: _emptied(parts, threads, seconds=scale.seconds))

    return Table(
        title="Messages that one worker sends, all rows written",
        about="The provider answers after 200 ms, so a thread can send five in a second at best.",
        columns={"messages/s": 0, "at best": 0, "worker CPU ms": 2, "PostgreSQL CPU ms": 2},
        rows=[(f"{threads} threads", figures(threads)) for threads in POOLS],
    )


def _paced(parts: Parts, per_second: int, threads: int, *, seconds: float) -> Figures:
    with parts.product(BEHAVIOUR) as product:
        worker = product.worker(threads)
        product.beat()
        warming_up = [_queueing({}) for _ in range(2 * threads)]
        paced(LOAD_THREADS, warming_up, per_second=per_second)
        _wait_for_rows(2 * threads)
        committed: dict[str, float] = {}
        messages = int(per_second * seconds)
        used, database = cpu.seconds(worker.pid), cpu.seconds(parts.postgres_pid)
        calls = [_queueing(committed) for _ in range(messages)]
        paced(LOAD_THREADS, calls, per_second=per_second)
        _wait_for_rows(2 * threads + messages)
        used = cpu.seconds(worker.pid) - used
        database = cpu.seconds(parts.postgres_pid) - database
        arrived = parts.provider.arrivals()
    return {
        **spread([arrived[number] - at for number, at in committed.items()]),
        "worker CPU ms": used / messages * 1000,
        "PostgreSQL CPU ms": database / messages * 1000,
    }


def _emptied(parts: Parts, threads: int, *, seconds: float) -> Figures:
    """Without beat: it would put again into the queue what waits there for long."""
    at_best = threads / PROVIDER_SECONDS
    messages = int(at_best * seconds / 2)
    with parts.product(BEHAVIOUR) as product:
        closed_loop(LOAD_THREADS, [_queueing({}) for _ in range(messages)], seconds=600)
        worker = product.worker(threads)
        used, database = cpu.seconds(worker.pid), cpu.seconds(parts.postgres_pid)
        _wait_for_rows(messages)
        used = cpu.seconds(worker.pid) - used
        database = cpu.seconds(parts.postgres_pid) - database
        if len(parts.provider.arrivals()) != messages:
            raise AssertionError("not every message reached the provider")
    return {
        "messages/s": _steady_rate(),
        "at best": at_best,
        "worker CPU ms": used / messages * 1000,
        "PostgreSQL CPU ms": database / messages * 1000,
    }


def _queueing(committed: dict[str, float]) -> Callable[[], None]:
    """Notes the moment after the commit: what was registered first is called first."""
    number = visitors.next_number()

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


def _wait_for_rows(number: int) -> None:
    """Until so many messages were taken, and each has exactly one attempt, which says so.

    Of some the provider may have been asked meanwhile: those are further than taken."""
    taken = SmsMessage.objects.filter(accepted_at__isnull=False, lease=None)
    wait_until(lambda: taken.count() == number, within=300, every=0.2)
    if SmsAttempt.objects.filter(decision=Decision.DONE).count() != number:
        raise AssertionError("a message was sent twice")


def _steady_rate() -> float:
    """Without the first and the last tenth: a worker that starts and one that has little left."""
    rows = SmsMessage.objects.values_list("accepted_at", flat=True)
    moments = sorted(moment for moment in rows if moment)
    kept = moments[len(moments) // 10 : len(moments) * 9 // 10]
    return (len(kept) - 1) / (kept[-1] - kept[0]).total_seconds()
