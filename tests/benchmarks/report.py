"""What was measured on which machine, as text on the screen and as Markdown in the docs."""

import math
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection

from tests.benchmarks import code_checks, code_page, code_requests, failing, hanging, sending, size
from tests.benchmarks.figures import Scale, Table
from tests.benchmarks.parts import Parts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: make bench -->", "<!-- end of figures -->"
BEGIN_SIZE, END_SIZE = "<!-- figures: make bench, size -->", "<!-- end of figures, size -->"
LIBRARIES = ("django", "celery", "gunicorn", "psycopg", "redis", "twilio")

MEASUREMENTS: dict[str, Sequence[Callable[[Parts, Scale], Table]]] = {
    "checks": [code_checks.measure],
    "page": [code_page.measure],
    "requests": [code_requests.measure, code_requests.brokers],
    "sending": [sending.latency, sending.throughput],
    "faults": [hanging.others, hanging.failover, failing.failover],
    "size": [size.measure],
}
# Not without being asked for: adding the rows alone takes a quarter of an hour.
ASKED_FOR = {"size"}


def measure(parts: Parts, scale: Scale, *, only: str | None) -> list[Table]:
    """Each table is printed as soon as it is there."""
    tables = []
    for name, measurements in MEASUREMENTS.items():
        if only != name and (only or name in ASKED_FOR):
            continue
        for one in measurements:
            tables.append(one(parts, scale))
            sys.stdout.write(f"\n{in_markdown(tables[-1])}\n")
            sys.stdout.flush()
    return tables


def machine() -> list[str]:
    """Asked before the load: the load average tells whether the machine had other work."""
    return [
        f"Measured {datetime.now(UTC):%Y-%m-%d}, load average before {os.getloadavg()[0]:.1f}",
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()}",
        f"Python {platform.python_version()}",
    ]


def versions(parts: Parts) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        database = cursor.fetchone()[0].split()[0]
    about = parts.broker.info("server")
    broker = about.get("valkey_version") or about["redis_version"]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [f"PostgreSQL {database}, Valkey {broker}", libraries]


def write(tables: Sequence[Table], setup: Sequence[str], *, of_size: bool = False) -> None:
    """Between the two marks of the page; what is said around them is written by hand."""
    begin, end = (BEGIN_SIZE, END_SIZE) if of_size else (BEGIN, END)
    text = PAGE.read_text(encoding="utf-8")
    before, found, rest = text.partition(begin)
    _old, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"{PAGE.name} has no marks for the figures")
    parts = ["\n".join(f"- {line}" for line in setup), *map(in_markdown, tables)]
    PAGE.write_text(
        f"{before}{begin}\n\n" + "\n\n".join(parts) + f"\n\n{end}{after}", encoding="utf-8"
    )


def in_markdown(table: Table) -> str:
    rows = [["", *table.columns]]
    for name, figures in table.rows:
        shown = [_shown(figures[column], digits) for column, digits in table.columns.items()]
        rows.append([name, *shown])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    rule = "|".join(["", "-" * (widths[0] + 2), *(f"{'-' * (width + 1)}:" for width in widths[1:])])
    return "\n".join([f"## {table.title}", "", table.about, "", lines[0], f"{rule}|", *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return f"| {' | '.join(cells)} |"


def _shown(figure: float, digits: int) -> str:
    return "" if math.isnan(figure) else f"{figure:.{digits}f}"  # a person asked for nothing


def _processor() -> str:
    """Its name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
