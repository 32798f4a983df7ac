"""From the first error of one provider to the request at the second."""

from collections.abc import Sequence

from smsproviders.models import SmsAttempt
from tests.benchmarks.calling import closed_loop
from tests.benchmarks.figures import Figures, Scale, Table, medians, percentile
from tests.benchmarks.messages import queueing, wait_until_ended
from tests.benchmarks.parts import Parts
from tests.twilio_server import (
    Behaviour,
    hang,
    http_error,
    ok,
    refuse_before_answer,
    twilio_error,
)

THREADS = 16
# Of each fault: one more in a row opens the breaker.
MESSAGES = 4
FAULTS = {
    "refuses the credentials (401)": twilio_error(20003),
    "is down, and says so (503 with a code)": twilio_error(20503),
    "is busy (429), twice": twilio_error(20429),
    "fails without a code (503)": http_error(503),
    "cuts the connection off": refuse_before_answer(),
    "hangs": hang(),
}


def failover(parts: Parts, scale: Scale) -> Table:
    runs = [_run(parts) for _ in range(scale.runs)]
    return Table(
        title="From the first error to the second provider's request",
        about="Where it is not known whether the first provider took the message, a report is "
        "waited for 2 s, then it is asked. Where it is busy, it is tried once more within a "
        "second. The error of one that hangs comes after 8 s.",
        columns={"p50 ms": 0, "longest ms": 0},
        rows=[(f"the first {fault}", medians_of([run[fault] for run in runs])) for fault in FAULTS],
    )


def medians_of(runs: Sequence[Figures]) -> Figures:
    waiting = iter(runs)
    return medians(len(runs), lambda: next(waiting))


def _run(parts: Parts) -> dict[str, Figures]:
    with parts.product(ok(), partner=ok()) as product:
        product.worker(THREADS)
        product.beat()
        closed_loop(4, [queueing({}) for _ in range(2 * THREADS)], seconds=60)
        wait_until_ended()
        _measured(parts, twilio_error(20503))  # the second provider's first messages: warming up
        return {name: _measured(parts, fault) for name, fault in FAULTS.items()}


def _mend(parts: Parts) -> None:
    """The first provider takes a message again, which ends the row of its failures."""
    parts.provider.behave(ok())
    closed_loop(1, [queueing({})], seconds=60)
    wait_until_ended()


def _measured(parts: Parts, fault: Behaviour) -> Figures:
    _mend(parts)
    parts.provider.behave(fault)
    committed: dict[str, float] = {}
    closed_loop(1, [queueing(committed) for _ in range(MESSAGES)], seconds=60)
    wait_until_ended()
    calls = SmsAttempt.objects.filter(number=1, message__number__in=committed)
    first = calls.filter(provider__backend="twilio")
    if first.count() != MESSAGES:
        raise AssertionError("the first provider was not asked first: its breaker is open")
    failed = {
        attempt.message.number: attempt.started_at.timestamp() + (attempt.duration_ms or 0) / 1000
        for attempt in first.select_related("message")
    }
    arrived = parts.provider.partner_arrivals()
    waits = [arrived[number] - failed[number] for number in committed]
    return {"p50 ms": percentile(waits, 50), "longest ms": percentile(waits, 100)}
