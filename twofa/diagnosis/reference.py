"""docs/causes.md, made from the catalogue: `make causes`."""

from collections.abc import Iterator

from django.utils import translation

from twofa.diagnosis.catalogue import CATALOGUE, Entry

HEAD = """# Causes

Why a client's codes do not work: every answer that *Why no codes?* and `manage.py diagnose` can
give. Made from the catalogue in `twofa/diagnosis/catalogue/` by `make causes`; change it there.

A finding needs evidence. What was repaired (a right code since), what is older than the client's
last try, or than 24 hours, is history. Several findings are ordered so: what stops everyone on this
route, then what stops everything this client does, then one method, the one used last first; then
by how sure it is, and how new.

*Before* is said before the caller is identified: it gives away no lock, factor, number or clock.
"""


def markdown() -> str:
    with translation.override("en"):
        return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield HEAD
    yield "| cause | who can mend it | holds when | first act |"
    yield "|---|---|---|---|"
    for entry in CATALOGUE.values():
        name = f"[`{entry.cause}`](#{_anchor(entry)})"
        first = entry.actions[0].label
        yield f"| {name} | {entry.owner.label} | {_holds(entry)} | {first} |"
    for entry in CATALOGUE.values():
        yield from _section(entry)
    yield ""


def _section(entry: Entry) -> Iterator[str]:
    yield f"\n## {entry.cause}\n"
    yield f"**{entry.title}.** {_holds(entry)}\n"
    yield f"- Stops: {entry.reach.label}."
    yield f"- The operator reads: “{_with_gaps(str(entry.summary))}”"
    yield f"- Before: “{entry.before}”"
    yield f"- After: “{_with_gaps(str(entry.after))}”"
    yield f"- Acts: {', '.join(str(action.label) for action in entry.actions)}."


def _anchor(entry: Entry) -> str:
    return entry.cause.replace(".", "")


def _holds(entry: Entry) -> str:
    return str(entry.holds) % {}


class _Gaps(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"⟨{name}⟩"


def _with_gaps(words: str) -> str:
    return words % _Gaps()
