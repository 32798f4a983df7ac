"""How often the diagnosis was right: the table of all cases that ran."""

from dataclasses import dataclass

from tests.diagnosis.case import Kind


@dataclass(frozen=True, slots=True)
class Result:
    """`found`: as many causes as were expected. `delay`: seconds, where it was measured."""

    kind: Kind
    name: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    delay: float | None = None
    note: str = ""

    @property
    def is_hit(self) -> bool:
        return self.expected == self.found


RESULTS: list[Result] = []


def keep(result: Result) -> None:
    RESULTS.append(result)
