"""The first provider hangs: what the messages of others feel, and those that meet it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from smsproviders.models import SmsAttempt, SmsProvider
from tests.benchmarks import visitors
from tests.benchmarks.calling import paced
from tests.benchmarks.figures import Figures, Scale, Table, medians, percentile, spread
from tests.benchmarks.messages import (
    LOAD_THREADS,
    british_number,
    per_second,
    queueing,
    wait_until_ended,
)
from tests.benchmarks.parts import Parts, Product
from tests.benchmarks.sending import PACES, PROVIDER_SECONDS, THREADS
from tests.services.waiting import wait_until
from tests.twilio_server import Behaviour, hang, no_callbacks, slow

WELL = slow(PROVIDER_SECONDS).calling(no_callbacks())
WARMING_UP = 2 * THREADS
# Messages a second, of each of two countries with a provider of their own.
OF_OTHERS, OF_THE_HANGING = 50, 10
NumberOf = Callable[[], str]


def failover(parts: Parts, scale: Scale) -> Table:
    def figures(pace: int) -> Figures:
        return medians(scale.runs, lambda: _all_by_the_first(parts, pace, seconds=scale.seconds))

    return Table(
        title="From our commit to a provider's socket, while the first one hangs",
        about="From the moment at which it begins to hang. The percentiles are those of the "
        "messages that the second provider gets at once, after 100 ms of which it answers; the "
        "rest met the hanging one first, until its breaker opened, and came by the second after "
        "so many seconds at most.",
        columns={
            "messages/s": 0, "p50 ms": 1, "p95 ms": 1, "p99 ms": 1, "met the first": 0,
            "came after s": 1,
        },
        rows=[(f"{pace}/s", figures(pace)) for pace in PACES],
    )  # fmt: skip


def others(parts: Parts, scale: Scale) -> Table:
    def figures(behaviour: Behaviour) -> Figures:
        return medians(scale.runs, lambda: _beside_it(parts, behaviour, seconds=scale.seconds))

    calm = figures(WELL)
    hanging = figures(hang())
    return Table(
        title="The messages of another provider, while one hangs",
        about=f"{OF_OTHERS} messages a second go to one country by the one, {OF_THE_HANGING} to "
        "another country by the other, through the same worker of 50 threads.",
        columns={"p50 ms": 1, "p95 ms": 1, "p99 ms": 1, "p50 of calm": 2, "p95 of calm": 2},
        rows=[
            ("both answer after 100 ms", _of_calm(calm, calm)),
            ("one hangs", _of_calm(hanging, calm)),
        ],
    )


def _of_calm(figures: Figures, calm: Figures) -> Figures:
    ratios = {f"{name} of calm": figures[f"{name} ms"] / calm[f"{name} ms"] for name in P}
    return {**figures, **ratios}


P = ("p50", "p95")


def _all_by_the_first(parts: Parts, pace: int, *, seconds: float) -> Figures:
    with parts.product(WELL, partner=slow(PROVIDER_SECONDS)) as product:
        _warmed_up(product)
        committed: dict[str, float] = {}
        calls = [queueing(committed) for _ in range(int(pace * seconds))]
        parts.provider.behave(hang())
        paced(LOAD_THREADS, calls, per_second=pace)
        wait_until_ended()
        met = set(
            SmsAttempt.objects.filter(
                provider__backend="twilio", message__number__in=committed
            ).values_list("message__number", flat=True)
        )
        arrived = parts.provider.partner_arrivals()
        if missing := committed.keys() - arrived.keys():
            raise AssertionError(f"{len(missing)} messages did not come by the second provider")
    waited = {number: arrived[number] - at for number, at in committed.items()}
    return {
        "messages/s": per_second([arrived[number] for number in committed if number not in met]),
        **spread([wait for number, wait in waited.items() if number not in met]),
        "met the first": len(met),
        "came after s": percentile([waited[number] for number in met], 100) / 1000,
    }


def _beside_it(parts: Parts, behaviour: Behaviour, *, seconds: float) -> Figures:
    with parts.product(WELL, partner=slow(PROVIDER_SECONDS)) as product:
        SmsProvider.objects.filter(backend="twilio").update(countries=["FR"])
        SmsProvider.objects.filter(backend="vonage").update(countries=["GB"])
        _warmed_up(product, british_number)
        parts.provider.behave(behaviour)
        committed: dict[str, float] = {}

        def load(pace: int, into: dict[str, float], number_of: NumberOf) -> None:
            calls = [queueing(into, number_of) for _ in range(int(pace * seconds))]
            paced(LOAD_THREADS, calls, per_second=pace)

        with ThreadPoolExecutor(2) as pool:
            for one in [
                pool.submit(load, OF_THE_HANGING, {}, visitors.next_number),
                pool.submit(load, OF_OTHERS, committed, british_number),
            ]:
                one.result()
        wait_until(lambda: committed.keys() <= parts.provider.partner_arrivals().keys(), within=60)
        arrived = parts.provider.partner_arrivals()
    return spread([arrived[number] - at for number, at in committed.items()])


def _warmed_up(product: Product, number_of: NumberOf = visitors.next_number) -> None:
    product.worker(THREADS)
    product.beat()
    calls = [queueing({}, number_of) for _ in range(WARMING_UP)]
    paced(LOAD_THREADS, calls, per_second=50)
    wait_until_ended()
