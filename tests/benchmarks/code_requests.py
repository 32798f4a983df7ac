"""Asking for an SMS code while the provider takes its time, and what others feel of it."""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from smsproviders.models import SmsMessage
from tests.benchmarks import visitors
from tests.benchmarks.calling import Address, Load, paced
from tests.benchmarks.code_checks import PATH, WRONG_CODES, Call, wrong_app_codes
from tests.benchmarks.figures import Figures, Scale, Table, medians, percentile, spread
from tests.benchmarks.parts import Parts, change_settings
from tests.benchmarks.visitors import Visitor
from tests.twilio_server import Behaviour, hang, ok, slow

ASKS_A_SECOND = CHECKS_A_SECOND = 10
THREADS = 16
WARMING_UP = 20
SENT = 302
BUT_NO_LIMITS = {
    "cap_number_hour": "100000",
    "cap_number_day": "100000",
    "cap_address_hour": "100000",
    "cap_prefix_hour": "100000",
}


def measure(parts: Parts, scale: Scale) -> Table:
    providers: dict[str, Behaviour | None] = {
        "nobody asks": None,
        "answers at once": ok(),
        "answers after 200 ms": slow(0.2),
        "answers after 2 s": slow(2.0),
        "hangs": hang(),
    }
    rows: list[tuple[str, Figures]] = []
    for name, behaviour in providers.items():
        figures = dict(medians(scale.runs, partial(_run, parts, behaviour, scale.seconds)))
        idle = rows[0][1]["check p95 ms"] if rows else figures["check p95 ms"]
        rows.append((name, {**figures, "of idle": figures["check p95 ms"] / idle}))
    return Table(
        title="Asking for an SMS code, 10/s, beside 10 checks of a code a second",
        about="By what the provider does. A worker of 16 threads sends meanwhile.",
        columns={
            "ask p50 ms": 1, "ask p99 ms": 1, "check p50 ms": 1, "check p95 ms": 1, "of idle": 2,
        },
        rows=rows,
    )  # fmt: skip


def brokers(parts: Parts, scale: Scale) -> Table:
    """Without a worker, which could not work either."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_server(("127.0.0.1", 0)) as closed,
    ):
        ports = {"is silent": silent.getsockname()[1], "refuses": closed.getsockname()[1]}
        closed.close()
        variables: dict[str, dict[str, str]] = {"works": {}} | {
            name: {"REDIS_URL": f"redis://127.0.0.1:{port}/0"} for name, port in ports.items()
        }
        rows = [
            (f"Redis {name}", medians(scale.runs, partial(_asked, parts, scale.seconds, changes)))
            for name, changes in variables.items()
        ]
    return Table(
        title="Asking for an SMS code, 10/s, by what Redis does",
        about="A process that finds it dead leaves it alone for 5 s; the codes are sent when it is "
        "back.",
        columns={"p50 ms": 1, "p95 ms": 1, "p99 ms": 1, "longest ms": 0},
        rows=rows,
    )


def _asked(parts: Parts, seconds: float, variables: Mapping[str, Any]) -> Figures:
    with parts.product(**variables) as product:
        change_settings(**BUT_NO_LIMITS)
        people = visitors.with_sms(WARMING_UP + int(ASKS_A_SECOND * seconds))
        asks = [_asking(Address(product.site.url), person) for person in people]
        paced(2, asks[:WARMING_UP], per_second=ASKS_A_SECOND)
        asked = paced(2, asks[WARMING_UP:], per_second=ASKS_A_SECOND)
        _make_sure_of(len(asks))
    return {**spread(asked.taken), "longest ms": percentile(asked.taken, 100)}


def _run(parts: Parts, behaviour: Behaviour | None, seconds: float) -> Figures:
    """Each person asks once, since a second code may be asked for only half a minute later."""
    with parts.product(behaviour) as product:
        change_settings(**BUT_NO_LIMITS)
        asking = visitors.with_sms(WARMING_UP + int(ASKS_A_SECOND * seconds))
        checks = int(CHECKS_A_SECOND * seconds)
        checking = visitors.with_authenticator(WARMING_UP + checks // WRONG_CODES + 1)
        product.worker(THREADS)
        product.beat()
        address = Address(product.site.url)
        asks = [_asking(address, person) for person in asking]
        tries = list(wrong_app_codes(address, checking))[: WARMING_UP + checks]
        _both(asks[:WARMING_UP] if behaviour else [], tries[:WARMING_UP])
        asked, checked = _both(asks[WARMING_UP:] if behaviour else [], tries[WARMING_UP:])
        _make_sure_of(len(asks) if behaviour else 0)
    return {
        "ask p50 ms": percentile(asked.taken, 50),
        "ask p99 ms": percentile(asked.taken, 99),
        "check p50 ms": percentile(checked.taken, 50),
        "check p95 ms": percentile(checked.taken, 95),
    }


def _both(asks: list[Call], checks: list[Call]) -> tuple[Load, Load]:
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(paced, 2, asks, per_second=ASKS_A_SECOND)
        checking = pool.submit(paced, 2, checks, per_second=CHECKS_A_SECOND)
        return asking.result(), checking.result()


def _make_sure_of(messages: int) -> None:
    if SmsMessage.objects.count() != messages:
        raise AssertionError("not every request for a code wrote its message")


def _asking(address: Address, person: Visitor) -> Call:
    return lambda: address.post(PATH, session_key=person.session_key, expecting=SENT, resend="1")
