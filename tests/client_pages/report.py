"""docs/accessibility.md: what was found on every client page, and what each weighs."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.client_pages.judging import NARROW, WIDE, Judged, Scheme
from tests.client_pages.weights import MOST_BYTES, MOST_REQUESTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accessibility.md"
BEGIN, END = "<!-- figures: make accessibility -->", "<!-- end of figures -->"
# The column, and the check that it counts.
CHECKS = {
    "small targets": "targets",
    "sideways": "sideways",
    "lost at 200 %": "double size",
    "focus order": "order",
    "focus on the fault": "focus",
    "spoken twice": "spoken twice",
    "console": "console",
}


def write(judged: Sequence[Judged]) -> None:
    """Between the two marks of the page; what is said around them is written by hand."""
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _old, also_found, after = rest.partition(END)
    if not (found and also_found):
        raise ValueError(f"{PAGE.name} has no marks for the figures")
    text = "\n".join(_lines(judged))
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _lines(judged: Sequence[Judged]) -> Iterator[str]:
    faults = sum(len(one.faults) for one in judged)
    yield "## Findings"
    yield ""
    yield (
        f"{len(judged)} states, each in three schemes, at {WIDE} and {NARROW} px: "
        f"{len(judged) * len(Scheme) * 2} looks, {faults} findings."
    )
    yield ""
    yield from _table(
        ["page", "state", *(f"axe, {one.title}" for one in Scheme), *CHECKS],
        ([one.state.group, one.state.title, *_counts(one)] for one in judged),
        words=2,
    )
    yield from _faults(judged)
    yield "## Weight"
    yield ""
    heaviest = max(judged, key=lambda one: one.weight.total)
    yield (
        f"Bytes after gzip, for a browser that was never here, in English. The heaviest is "
        f"“{heaviest.state.group}: {heaviest.state.title}” with {heaviest.weight.total / 1024:.1f} "
        f"of {MOST_BYTES // 1024} KB; at most {MOST_REQUESTS} requests are allowed."
    )
    yield ""
    yield from _table(
        ["page", "state", "HTML", "CSS", "JS", "other", "requests", "total"],
        ([one.state.group, one.state.title, *_weights(one)] for one in judged),
        words=2,
    )


def _counts(one: Judged) -> list[str]:
    axe = [str(one.by_scheme.get(scheme, 0)) for scheme in Scheme]
    return [*axe, *(str(len(one.found.get(check, []))) for check in CHECKS.values())]


def _weights(one: Judged) -> list[str]:
    weight = one.weight
    parts = (weight.html, weight.css, weight.js, weight.other, weight.requests, weight.total)
    return [str(part) for part in parts]


def _faults(judged: Sequence[Judged]) -> Iterator[str]:
    for one in judged:
        for fault in one.faults:
            yield f"- {one.state.name}: {' '.join(fault.split())}"
    if any(one.faults for one in judged):
        yield ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, words: int) -> Iterator[str]:
    """`words`: so many columns hold words, the others numbers."""
    rules = ["---" if number < words else "--:" for number in range(len(heads))]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join(rules)}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
