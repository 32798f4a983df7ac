"""The operators' pages among many clients and messages: the server's time, without the network.

Not a part of a run without `--only size`: adding the rows alone takes a quarter of an hour.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from clients.models import Client, User
from tests.backoffice.operators import operator, sign_in
from tests.benchmarks.figures import Figures, Scale, Table, percentile
from tests.benchmarks.parts import Parts

SMALL, LARGE = (10_000, 50_000), (1_000_000, 5_000_000)
QUICK = ((1_000, 5_000), (2_000, 10_000))
LOOKS = 60
WARMING_UP = 3
CLIENT = "/admin/clients/client/{}/"


@dataclass(frozen=True, slots=True)
class Page:
    """`address` is given one client of those who are looked at."""

    name: str
    address: Callable[[Client], str]


def _tab(name: str, tab: str) -> Page:
    return Page(name, lambda client: f"{CLIENT.format(client.pk)}{tab}/")


def _list(name: str, address: str) -> Page:
    return Page(name, lambda _client: address)


PAGES = (
    _tab("a client's Settings with *Why no codes?*", "settings"),
    _tab("a client's General", "change"),
    _tab("a client's Messages", "messages"),
    _tab("a client's Activity", "activity"),
    _list("the first page", "/admin/"),
    _list("Clients", "/admin/clients/client/"),
    Page("Clients, one found by e-mail", lambda one: f"/admin/clients/client/?q={one.user.email}"),
    Page("Clients, many found by name", lambda one: f"/admin/clients/client/?q={one.name[:3]}"),
    _list("Messages", "/admin/smsproviders/smsmessage/"),
    _list("Logs", "/admin/audit/auditevent/"),
)


def measure(_parts: Parts, scale: Scale) -> Table:
    sizes = (SMALL, LARGE) if scale.runs > 1 else QUICK
    found = []
    before = (0, 0)
    for size in sizes:
        _fill(size, before)
        found.append(of_pages())
        before = size
    return table(*found, sizes=sizes)


def table(
    small: Sequence[Figures], large: Sequence[Figures], *, sizes: Sequence[tuple[int, int]]
) -> Table:
    (few, few_messages), (many, many_messages) = sizes
    rows = []
    for page, first, then in zip(PAGES, small, large, strict=True):
        rows.append(
            (
                page.name,
                {
                    "p50 ms, small": first["p50 ms"],
                    "p50 ms": then["p50 ms"],
                    "p95 ms": then["p95 ms"],
                    "growth": then["p50 ms"] / first["p50 ms"],
                    "queries": then["queries"],
                },
            )
        )
    return Table(
        title=f"The operators' pages among {many:,} clients and {many_messages:,} messages",
        about=f"Small: {few:,} clients and {few_messages:,} messages. The server's time, one page "
        "after the other; clients are chosen at random, half of them had trouble lately.",
        columns={"p50 ms, small": 1, "p50 ms": 1, "p95 ms": 1, "growth": 2, "queries": 0},
        rows=rows,
    )


def of_pages() -> list[Figures]:
    in_process = {"WHITENOISE_AUTOREFRESH": True, "SECURE_SSL_REDIRECT": False}
    with override_settings(ALLOWED_HOSTS=["testserver"], **in_process):
        browser = _signed_in()
        clients = _clients()
        return [_of_page(browser, [page.address(one) for one in clients]) for page in PAGES]


def _of_page(browser: Browser, addresses: Sequence[str]) -> Figures:
    for address in addresses[:WARMING_UP]:
        browser.get(address)
    taken = [_seconds(browser, address) for address in addresses]
    with CaptureQueriesContext(connection) as queries:
        browser.get(addresses[-1])
    return {
        "p50 ms": percentile(taken, 50),
        "p95 ms": percentile(taken, 95),
        "queries": len(queries),
    }


def _seconds(browser: Browser, address: str) -> float:
    began = time.perf_counter()
    answer = browser.get(address)
    taken = time.perf_counter() - began
    # The search leads on to the one client that it finds.
    if answer.status_code not in {200, 302}:
        raise AssertionError(f"{address} answered {answer.status_code}")
    return taken


def _signed_in() -> Browser:
    User.objects.filter(email="bench@example.com").delete()
    return sign_in(Browser(), operator("bench@example.com", groups=["Administrator"]))


def _clients() -> list[Client]:
    rows = Client.objects.select_related("user")
    troubled = list(rows.exclude(last_trouble_at=None).order_by("-last_trouble_at")[: LOOKS // 2])
    keys = rows.order_by("pk").values_list("pk", flat=True)
    low, high = keys.first() or 0, keys.last() or 0
    drawn = random.Random(1).sample(range(low, high + 1), LOOKS)
    return [*troubled, *rows.filter(pk__in=drawn)[: LOOKS - len(troubled)]]


def _fill(size: tuple[int, int], before: tuple[int, int]) -> None:
    clients, messages = size[0] - before[0], size[1] - before[1]
    call_command("seed_load", f"--clients={clients}", f"--messages={messages}", "--force")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
