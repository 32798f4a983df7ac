"""Sending: from our commit to the provider's socket, and how much one worker can do."""

from smsproviders.models import SmsMessage
from tests.benchmarks import cpu
from tests.benchmarks.calling import closed_loop, paced
from tests.benchmarks.figures import Figures, Scale, Table, medians, spread
from tests.benchmarks.messages import LOAD_THREADS, per_second, queueing, wait_until_taken
from tests.benchmarks.parts import Parts
from tests.twilio_server import no_callbacks, slow

# Messages a second.
PACES = (10, 50, 100, 200)
THREADS = 50
POOLS = (16, 50)
PROVIDER_SECONDS = 0.1
SLOWER_SECONDS = 0.2
COLUMNS = {
    "messages/s": 0, "p50 ms": 1, "p95 ms": 1, "p99 ms": 1, "worker CPU ms": 2,
    "PostgreSQL CPU ms": 2,
}  # fmt: skip


def latency(parts: Parts, scale: Scale) -> Table:
    def figures(pace: int) -> Figures:
        return medians(scale.runs, lambda: _paced(parts, pace, seconds=scale.seconds))

    return Table(
        title="From our commit to the provider's socket",
        about="The provider answers after 100 ms, one worker of 50 threads sends. Messages come at "
        "a steady pace, whatever became of those before.",
        columns=COLUMNS,
        rows=[(f"{pace}/s", figures(pace)) for pace in PACES],
    )


def throughput(parts: Parts, scale: Scale) -> Table:
    def figures(threads: int) -> Figures:
        return medians(scale.runs, lambda: _emptied(parts, threads, seconds=scale.seconds))

    return Table(
        title="Messages that one worker sends, all rows written",
        about="The provider answers after 200 ms, so a thread can send five in a second at best.",
        columns={"messages/s": 0, "at best": 0, "worker CPU ms": 2, "PostgreSQL CPU ms": 2},
        rows=[(f"{threads} threads", figures(threads)) for threads in POOLS],
    )


def _paced(parts: Parts, pace: int, *, seconds: float) -> Figures:
    warming_up, messages = 2 * THREADS, int(pace * seconds)
    with parts.product(slow(PROVIDER_SECONDS).calling(no_callbacks())) as product:
        worker = product.worker(THREADS)
        product.beat()
        paced(LOAD_THREADS, [queueing({}) for _ in range(warming_up)], per_second=50)
        wait_until_taken(warming_up)
        committed: dict[str, float] = {}
        used, database = cpu.seconds(worker.pid), cpu.seconds(parts.postgres_pid)
        paced(LOAD_THREADS, [queueing(committed) for _ in range(messages)], per_second=pace)
        wait_until_taken(warming_up + messages)
        used = cpu.seconds(worker.pid) - used
        database = cpu.seconds(parts.postgres_pid) - database
        arrived = parts.provider.arrivals()
    return {
        "messages/s": per_second([arrived[number] for number in committed]),
        **spread([arrived[number] - at for number, at in committed.items()]),
        "worker CPU ms": used / messages * 1000,
        "PostgreSQL CPU ms": database / messages * 1000,
    }


def _emptied(parts: Parts, threads: int, *, seconds: float) -> Figures:
    """Without beat: it would put again into the queue what waits there for long."""
    at_best = threads / SLOWER_SECONDS
    messages = int(at_best * seconds / 2)
    with parts.product(slow(SLOWER_SECONDS).calling(no_callbacks())) as product:
        closed_loop(LOAD_THREADS, [queueing({}) for _ in range(messages)], seconds=600)
        worker = product.worker(threads)
        used, database = cpu.seconds(worker.pid), cpu.seconds(parts.postgres_pid)
        wait_until_taken(messages)
        used = cpu.seconds(worker.pid) - used
        database = cpu.seconds(parts.postgres_pid) - database
        if len(parts.provider.arrivals()) != messages:
            raise AssertionError("not every message reached the provider")
    rows = SmsMessage.objects.values_list("accepted_at", flat=True)
    return {
        "messages/s": per_second([moment.timestamp() for moment in rows if moment]),
        "at best": at_best,
        "worker CPU ms": used / messages * 1000,
        "PostgreSQL CPU ms": database / messages * 1000,
    }
