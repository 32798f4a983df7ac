"""The page that asks for a code, as a browser gets it: 50 a second, by people between two steps."""

from collections.abc import Callable
from functools import partial
from itertools import cycle, islice

from tests.benchmarks import cpu, visitors
from tests.benchmarks.calling import Address, paced
from tests.benchmarks.code_checks import PATH, Call
from tests.benchmarks.figures import Figures, Scale, Table, medians, spread
from tests.benchmarks.parts import Parts, change_settings
from tests.benchmarks.visitors import Visitor

A_SECOND = 50
PEOPLE = 100
THREADS = 8
WARMING_UP = 100


def measure(parts: Parts, scale: Scale) -> Table:
    kinds = {
        "code by SMS, with its live state": visitors.with_sms_asked_for,
        "code of an app": visitors.with_authenticator,
    }
    return Table(
        title=f"The code page, {A_SECOND} a second",
        about="GET of `/sign-in/verify/` with a half sign-in, from when it was due until all of it "
        "was there. CPU is that of the web processes, and of PostgreSQL, for one page.",
        columns={
            "pages/s": 0, "p50 ms": 1, "p95 ms": 1, "p99 ms": 1,
            "CPU ms": 2, "PostgreSQL CPU ms": 2,
        },
        rows=[
            (name, medians(scale.runs, partial(_run, parts, people, scale.seconds)))
            for name, people in kinds.items()
        ],
    )  # fmt: skip


def _run(parts: Parts, people: Callable[[int], list[Visitor]], seconds: float) -> Figures:
    with parts.product() as product:
        change_settings(cap_prefix_hour="100000", cap_address_hour="100000")
        pages = cycle(_opening(Address(product.site.url), one) for one in people(PEOPLE))
        paced(THREADS, list(islice(pages, WARMING_UP)), per_second=A_SECOND)
        web, database = cpu.seconds(product.site.pid), cpu.seconds(parts.postgres_pid)
        calls = list(islice(pages, int(A_SECOND * seconds)))
        load = paced(THREADS, calls, per_second=A_SECOND)
        web = cpu.seconds(product.site.pid) - web
        database = cpu.seconds(parts.postgres_pid) - database
    made = len(load.taken)
    if made != len(calls):
        raise AssertionError("not every page came")
    return {
        "pages/s": load.per_second,
        **spread(load.taken),
        "CPU ms": web / made * 1000,
        "PostgreSQL CPU ms": database / made * 1000,
    }


def _opening(address: Address, person: Visitor) -> Call:
    return lambda: address.get(PATH, session_key=person.session_key)
