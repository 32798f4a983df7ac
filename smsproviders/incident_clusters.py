"""Where failures have something in common: the narrowest scope that explains them.

Sends are looked at by cells: one provider towards one country. Cells that are bad together are one
cluster when hardly anything within the wider scope is well: all of a provider, all providers to a
country, or everything. Within one country it is narrowed to the first digits that the numbers
share, if others of that country fare well.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from phonenumbers import country_code_for_region

from smsproviders.figures import Share
from smsproviders.incident_scope import EVERYTHING, Scope
from smsproviders.incident_sends import Send
from smsproviders.incident_statistics import RULES, is_unusual, least
from smsproviders.incident_usual import NOTHING, Usual
from smsproviders.models import IncidentKind
from smsproviders.prefixes import prefix_of

# Of the numbers of a scope that may fare well without contradicting it.
CONTRADICTION = 0.2
# Fewer numbers beside one that is bad are chance.
BESIDE = 3
# Of the numbers with failures that a prefix must hold.
SHARED = 0.9
# So many that fare well must stand beside a prefix.
CONTRAST = 5
# Digits of the subscriber's number at least: one digit is half a country.
DIGITS = 2

Cell = tuple[UUID | None, str]
HasBreaker = Callable[[Scope], bool]


@dataclass(slots=True)
class Tally:
    """Distinct numbers."""

    numbers: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)

    def add(self, number: str, *, bad: bool) -> None:
        self.numbers.add(number)
        if bad:
            self.bad.add(number)

    @property
    def share(self) -> Share:
        return Share(len(self.bad), len(self.numbers))

    @property
    def rate(self) -> float:
        return len(self.bad) / len(self.numbers) if self.numbers else 0.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """`sends` are those of the kind within the scope, good and bad."""

    kind: IncidentKind
    scope: Scope
    usual: Share
    sends: Sequence[Send]


def clusters(
    kind: IncidentKind,
    sends: Sequence[Send],
    usual: Usual,
    *,
    has_breaker: HasBreaker = lambda scope: False,
) -> list[Cluster]:
    """Of these sends, which are of one span of time; none overlaps another."""
    telling = [send for send in sends if send.went_wrong(kind) is not None]
    return list(_Search(kind, telling, usual, has_breaker).found())


@dataclass(slots=True)
class _Search:
    kind: IncidentKind
    sends: Sequence[Send]
    usual: Usual
    has_breaker: HasBreaker
    cells: dict[Cell, Tally] = field(init=False)

    def found(self) -> Iterator[Cluster]:
        self.cells = _cells(self.kind, self.sends)
        if len(_united(self.cells.values()).bad) < least(self.kind, has_breaker=True):
            return
        suspects = {key for key, tally in self.cells.items() if self._is_suspect(key, tally)}
        for scope in self._scopes(suspects):
            within = [send for send in self.sends if scope.holds(*_place(send))]
            usual = self._usual(scope)
            if self._is_unusual(scope, _tally(self.kind, within).share, usual):
                narrow = self._narrowed(scope, within)
                inside = [send for send in within if narrow.holds(*_place(send))]
                yield Cluster(self.kind, narrow, usual, inside)

    def _is_suspect(self, key: Cell, tally: Tally) -> bool:
        """Bad by itself, or too small to tell, so that it may be part of something wider."""
        if tally.rate < RULES[self.kind].rise:
            return False
        usual = self.usual.share(self.kind, *key) if len(tally.bad) >= BESIDE else NOTHING
        return tally.rate - (usual.part / usual.whole if usual.whole else 0) >= (
            RULES[self.kind].rise / 2
        )

    def _scopes(self, suspects: set[Cell]) -> Iterator[Scope]:
        """Those that may explain them, each suspect in one, the widest that holds throughout."""
        is_ours = self.kind == IncidentKind.QUEUE
        if is_ours or self._is_throughout(EVERYTHING, suspects):
            yield EVERYTHING
            return
        left = set(suspects)
        countries = [Scope(country=country) for country in sorted({c for _p, c in left}) if country]
        providers = [Scope(one) for one in {p for p, _c in left} if one]
        for scope in [*countries, *providers]:
            if self._is_throughout(scope, left):
                yield scope
                left = {cell for cell in left if not _in(scope, cell)}
        yield from (Scope(provider, country) for provider, country in sorted(left, key=str))

    def _is_throughout(self, scope: Scope, suspects: set[Cell]) -> bool:
        """Whether several of its cells are bad, of several providers or countries as it claims,
        and what fares well beside them is little."""
        bad = {cell: self.cells[cell] for cell in suspects if _in(scope, cell)}
        for part in (0, 1):
            wide = scope.provider_id is None if part == 0 else not scope.country
            if wide and not _is_spread(bad, part):
                return False
        well = _united(t for cell, t in self.cells.items() if _in(scope, cell) and cell not in bad)
        every = _united(t for cell, t in self.cells.items() if _in(scope, cell))
        return len(well.numbers) <= CONTRADICTION * len(every.numbers)

    def _usual(self, scope: Scope) -> Share:
        shares = [
            self.usual.share(self.kind, *cell)
            for cell, tally in self.cells.items()
            if _in(scope, cell) and tally.bad
        ]
        return Share(sum(one.part for one in shares), sum(one.whole for one in shares))

    def _is_unusual(self, scope: Scope, numbers: Share, usual: Share) -> bool:
        return is_unusual(self.kind, numbers, usual, has_breaker=self.has_breaker(scope))

    def _narrowed(self, scope: Scope, within: Sequence[Send]) -> Scope:
        if not scope.country:
            return scope
        tally = _tally(self.kind, within)
        prefix = _shared_digits(tally.bad, scope.country)
        outside = Tally(
            {number for number in tally.numbers if not number.startswith(prefix)},
            {number for number in tally.bad if not number.startswith(prefix)},
        )
        if not prefix or len(outside.numbers) < CONTRAST:
            return scope
        if outside.rate >= min(tally.rate / 2, RULES[self.kind].rise):
            return scope
        return Scope(scope.provider_id, scope.country, prefix)


def _cells(kind: IncidentKind, sends: Iterable[Send]) -> dict[Cell, Tally]:
    cells: dict[Cell, Tally] = defaultdict(Tally)
    for send in sends:
        cell = cells[send.provider_id, send.country]
        cell.add(send.number, bad=bool(send.went_wrong(kind)))
    return dict(cells)


def _tally(kind: IncidentKind, sends: Iterable[Send]) -> Tally:
    return _united(_cells(kind, sends).values())


def _united(tallies: Iterable[Tally]) -> Tally:
    united = Tally()
    for tally in tallies:
        united.numbers |= tally.numbers
        united.bad |= tally.bad
    return united


def _is_spread(bad: dict[Cell, Tally], part: int) -> bool:
    """Over two providers (part 0) or countries (part 1) at least, the second no mere chance."""
    numbers: Counter[object] = Counter()
    for cell, tally in bad.items():
        numbers[cell[part]] += len(tally.bad)
    (_most, *others) = numbers.most_common() or [("", 0)]
    return sum(count for _key, count in others) >= BESIDE


def _in(scope: Scope, cell: Cell) -> bool:
    return scope.covers(Scope(*cell))


def _place(send: Send) -> tuple[UUID | None, str, str]:
    return send.provider_id, send.country, send.number


def _shared_digits(numbers: set[str], country: str) -> str:
    """The longest beginning that nearly all of them share; "" when it says no more than the
    country does."""
    start = f"+{country_code_for_region(country)}"
    prefix, wanted = start, SHARED * len(numbers)
    while True:
        ahead = Counter(
            number[: len(prefix) + 1]
            for number in numbers
            if number.startswith(prefix) and len(prefix) < len(prefix_of(number))
        )
        longer, count = next(iter(ahead.most_common(1)), ("", 0))
        if not longer or count < wanted:
            break
        prefix = longer
    return prefix if len(prefix) >= len(start) + DIGITS else ""
