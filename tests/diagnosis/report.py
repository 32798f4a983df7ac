"""How often the diagnosis was right: the table of all cases that ran, as `make diagnosis-report`
writes it. Nothing in it is written by hand but what was measured, and how."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.diagnosis.case import OK, Kind
from twofa.diagnosis.vocabulary import CauseId

HEAD = """# How often the diagnosis is right

Made by `make diagnosis-report`, which runs the cases in `tests/diagnosis/` and writes down what was
expected, what was told, and how often the two agree. Nothing here is entered by hand.

Each case makes a state really happen: clients at the sign-in page, codes read from the phone, a
strict Twilio, a Vonage and a gateway of our own that answer over real sockets and report by signed
callbacks, acts of operators through the functions that the Back Office calls, and a clock that is
moved. Rows are changed by hand only where nothing but time makes them. The verdict is what
`manage.py diagnose EMAIL --json` prints; of every fourth client the page is opened too, and must
say the same. A case of two causes is a hit when both are told, in the right order; a healthy client
is one when nothing is.

So the cases show that the diagnosis tells apart what we thought of. They are no sample of real
troubles, and say nothing of how often each occurs: the dashboard counts whether verdicts held.

What no case can reach:

- `signin.never_asked` for a trusted browser: this product trusts none.
- `sms.template_broken` by a text of our own: such a text is passed over for the built-in one, so it
  stops nobody. It is told when a provider refuses a text.
- `sms.number_missing` as a confirmation that stands without a number: the table allows no such row.
  The case takes the number away during a sign-in.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """`found`: as many causes as were expected. `delay`: seconds, where it was measured."""

    kind: Kind
    name: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    delay: float | None = None

    @property
    def is_hit(self) -> bool:
        return self.expected == self.found


RESULTS: list[Result] = []


def keep(result: Result) -> None:
    RESULTS.append(result)


def write(path: str) -> None:
    Path(path).write_text("\n".join(_lines()), encoding="utf-8")


def summary() -> str:
    hits = sum(one.is_hit for one in RESULTS)
    return f"diagnosis: {hits} of {len(RESULTS)} verdicts right"


def _lines() -> Iterator[str]:
    yield HEAD
    yield from _overview()
    yield from _by_cause()
    yield from _cases("One cause", _of(Kind.CAUSE))
    yield from _pairs()
    yield from _cases("Nothing is wrong", _of(Kind.HEALTHY))
    yield from _with_a_worker()
    yield from _cases("Rows of the tables of errors", _of(Kind.ROW), of="provider, code, how")
    yield ""


def _of(*kinds: Kind) -> list[Result]:
    return [one for one in RESULTS if one.kind in kinds]


def _overview() -> Iterator[str]:
    titles = {
        Kind.CAUSE: "one cause",
        Kind.PAIR: "two causes at once",
        Kind.HEALTHY: "healthy or repaired",
        Kind.ROW: "rows of tables of errors",
        Kind.WORKER: "with a real worker, broker and web server",
    }
    yield "## All cases\n"
    yield "| cases of | cases | right | share |"
    yield "|---|---|---|---|"
    for kind, title in titles.items():
        yield _share(title, _of(kind))
    yield _share("**all**", RESULTS)
    yield ""


def _share(title: str, results: Sequence[Result]) -> str:
    hits = sum(one.is_hit for one in results)
    share = f"{100 * hits / len(results):.1f} %" if results else "-"
    return f"| {title} | {len(results)} | {hits} | {share} |"


def _by_cause() -> Iterator[str]:
    """Each id of the catalogue, also one that no case led to."""
    yield "## By cause\n"
    yield (
        "Cases in which it should be the verdict, in how many it was, and in how many others it "
        "was told wrongly."
    )
    yield ""
    yield "| cause | cases | right | wrongly |"
    yield "|---|---|---|---|"
    for cause in [*(one.value for one in CauseId), OK]:
        wanted = [one for one in RESULTS if one.expected[0] == cause]
        right = sum(one.found[0] == cause for one in wanted)
        wrong = sum(one.found[0] == cause and one.expected[0] != cause for one in RESULTS)
        yield f"| `{cause}` | {len(wanted)} | {right} | {wrong} |"
    yield ""


def _cases(title: str, results: Iterable[Result], *, of: str = "case") -> Iterator[str]:
    yield f"## {title}\n"
    yield f"| {of} | expected | verdict | |"
    yield "|---|---|---|---|"
    for one in results:
        yield f"| {one.name} | `{one.expected[0]}` | `{one.found[0]}` | {_mark(one)} |"
    yield ""


def _pairs() -> Iterator[str]:
    yield "## Two causes at once\n"
    yield "| case | expected | told | |"
    yield "|---|---|---|---|"
    for one in _of(Kind.PAIR):
        yield f"| {one.name} | {_then(one.expected)} | {_then(one.found)} | {_mark(one)} |"
    yield ""


def _then(causes: Sequence[str]) -> str:
    return ", then ".join(f"`{cause}`" for cause in causes)


def _with_a_worker() -> Iterator[str]:
    yield "## With a real worker, broker and web server\n"
    yield (
        "How long after the event that proves it the verdict stood, as a script saw it that asks "
        "ten times a second. At most 5 s are allowed."
    )
    yield ""
    yield "| case | expected | verdict | after | |"
    yield "|---|---|---|---|---|"
    for one in _of(Kind.WORKER):
        after = "-" if one.delay is None else f"{one.delay:.1f} s"
        line = f"| {one.name} | `{one.expected[0]}` | `{one.found[0]}` | {after} |"
        yield f"{line} {_mark(one)} |"
    yield ""


def _mark(one: Result) -> str:
    return "right" if one.is_hit else "**wrong**"
