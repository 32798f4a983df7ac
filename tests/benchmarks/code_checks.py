"""Checking a code over HTTP: with throttling, decryption, evidence, log, and the whole page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat

from backoffice.audit.models import AuditEvent
from tests.benchmarks import cpu, visitors
from tests.benchmarks.calling import Address, closed_loop
from tests.benchmarks.figures import Figures, Scale, Table, medians, spread
from tests.benchmarks.parts import Parts, change_settings
from tests.benchmarks.visitors import Visitor
from twofa.models import CodeAttempt

CALLERS = 4
PATH = "/sign-in/verify/"
WRONG, RIGHT = 200, 303
# Of one person in a row: one more and the account is locked.
WRONG_CODES = 4
PEOPLE_A_SECOND = 60
WARMING_UP = 40

Call = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is typed: who there is to type, and the calls they make."""

    name: str
    people: Callable[[int], list[Visitor]]
    calls: Callable[[Address, list[Visitor]], Iterable[Call]]


def measure(parts: Parts, scale: Scale) -> Table:
    kinds = (
        Kind("wrong code of an app", visitors.with_authenticator, wrong_app_codes),
        Kind("right code of an app", visitors.with_authenticator, right_app_codes),
        Kind("wrong code of an SMS", visitors.with_sms_asked_for, wrong_sms_codes),
        Kind("for comparison: an empty answer", lambda number: [], empty_answers),
    )
    return Table(
        title="Checking a code over HTTP, 4 callers",
        about="CPU is that of the web processes, and of PostgreSQL, for one check.",
        columns={
            "checks/s": 0, "p50 ms": 1, "p95 ms": 1, "p99 ms": 1,
            "CPU ms": 2, "per core": 0, "PostgreSQL CPU ms": 2,
        },
        rows=[
            (kind.name, medians(scale.runs, partial(_run, parts, kind, scale.seconds)))
            for kind in kinds
        ],
    )  # fmt: skip


def _run(parts: Parts, kind: Kind, seconds: float) -> Figures:
    with parts.product() as product:
        change_settings(cap_prefix_hour="100000")
        people = kind.people(WARMING_UP + int(seconds * PEOPLE_A_SECOND))
        calls = iter(kind.calls(Address(product.site.url), people))
        closed_loop(CALLERS, islice(calls, WARMING_UP), seconds=seconds)
        rows = _rows()
        web, database = cpu.seconds(product.site.pid), cpu.seconds(parts.postgres_pid)
        load = closed_loop(CALLERS, calls, seconds=seconds)
        web = cpu.seconds(product.site.pid) - web
        database = cpu.seconds(parts.postgres_pid) - database
        made = len(load.taken)
        if people and min(_rows()) - max(rows) < made:
            raise AssertionError("some checks left no evidence, or nothing in the log")
    return {
        "checks/s": load.per_second,
        **spread(load.taken),
        "CPU ms": web / made * 1000,
        "per core": made / web,
        "PostgreSQL CPU ms": database / made * 1000,
    }


def _rows() -> tuple[int, int]:
    kept = CodeAttempt.objects.filter(outcome__in=("accepted", "incorrect"))
    logged = AuditEvent.objects.filter(action__in=("twofa.code_accepted", "twofa.code_refused"))
    return kept.count(), logged.count()


def wrong_app_codes(address: Address, people: list[Visitor]) -> Iterable[Call]:
    codes = [person.wrong_app_code() for person in people]
    return _wrong(address, people, codes)


def wrong_sms_codes(address: Address, people: list[Visitor]) -> Iterable[Call]:
    codes = [f"{(int(person.code) + 1) % 10**6:06d}" for person in people]
    return _wrong(address, people, codes)


def _wrong(address: Address, people: list[Visitor], codes: list[str]) -> Iterable[Call]:
    for _ in range(WRONG_CODES):
        for person, code in zip(people, codes, strict=True):
            yield _typing(address, person, partial(str, code), expecting=WRONG)


def right_app_codes(address: Address, people: list[Visitor]) -> Iterable[Call]:
    return (_typing(address, person, person.app_code, expecting=RIGHT) for person in people)


def empty_answers(address: Address, people: list[Visitor]) -> Iterable[Call]:
    """What gunicorn, Django and the middleware take by themselves; no database."""
    return repeat(partial(address.get, "/health/live"))


def _typing(address: Address, person: Visitor, code: Callable[[], str], *, expecting: int) -> Call:
    return lambda: address.post(
        PATH, session_key=person.session_key, expecting=expecting, code=code()
    )
