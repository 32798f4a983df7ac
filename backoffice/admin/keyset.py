"""Pages of a list of any size, cut by key (which is time, UUIDv7) instead of by number.

Where matches are rare among what an index yields, a page looks at so many rows and no more: it then
says how far back it looked, and goes on from there. Such a `Walk` leads down only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from backoffice.common.identifiers import first_uuid7_at

PAGE = 50
PLACES = ("before", "after")
DOWN, UP = "-pk", "pk"

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found", bound=Model, covariant=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is cut: below `before`, or above `after`, or, without both, at the newest."""

    before: UUID | None = None
    after: UUID | None = None

    @property
    def is_top(self) -> bool:
        return self.before is None and self.after is None


@dataclass(frozen=True, slots=True)
class Span:
    """Keys between two others, without them; None: no bound."""

    above: UUID | None = None
    below: UUID | None = None

    def cut(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        if self.above is not None:
            rows = rows.filter(pk__gt=self.above)
        return rows if self.below is None else rows.filter(pk__lt=self.below)

    def within(self, other: "Span") -> "Span":
        """What lies in both."""
        above = [key for key in (self.above, other.above) if key]
        below = [key for key in (self.below, other.below) if key]
        return Span(max(above, default=None), min(below, default=None))

    def wider(self, *, before: timedelta, after: timedelta) -> "Span":
        """For keys that belong to others made so much before or after them."""
        above = self.above and from_on(moment_of(self.above) - before)
        below = self.below and first_uuid7_at(moment_of(self.below) + after)
        return Span(above, below)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`newer` and `older` are the keys to go on from; None at the ends.

    `edge`: the key down to which was looked, where there are more. `looked_to`: its moment, when
    that is why the page is not full.
    """

    rows: list[Row]
    newer: UUID | None = None
    older: UUID | None = None
    edge: UUID | None = None
    looked_to: datetime | None = None


class Find(Protocol[Found]):
    def __call__(self, span: Span, /) -> QuerySet[Found]:
        """The rows that match, within the span."""


class Walk(Protocol):
    def __call__(self, span: Span, /) -> tuple[UUID | None, Sequence[UUID] | None]:
        """Down from the span's upper end: the first key that is not looked at any more, None when
        none is left; and the keys that were looked at, None for all between the two."""


class _Fetch(Protocol[Row]):
    def __call__(self, span: Span, order: str, number: int, /) -> list[Row]: ...


def page(find: Find[Row], place: Place, *, size: int = PAGE) -> Page[Row]:
    """One page; one query, or two when there is nothing above."""

    def fetch(span: Span, order: str, number: int) -> list[Row]:
        return list(find(span).order_by(order)[:number])

    return _page(fetch, place, size=size)


def page_of_several(finds: Sequence[Find[Any]], place: Place, *, size: int = PAGE) -> Page[Any]:
    """One page of rows of several models, by time; a query for each."""

    def fetch(span: Span, order: str, number: int) -> list[Any]:
        rows = [row for find in finds for row in find(span).order_by(order)[:number]]
        rows.sort(key=lambda row: row.pk, reverse=order == DOWN)
        return rows[:number]

    return _page(fetch, place, size=size)


def page_by_walk(find: Find[Row], walk: Walk, place: Place, *, size: int = PAGE) -> Page[Row]:
    """One page of rare matches; two queries."""
    edge, keys = walk(Span(below=place.before))
    found = find(Span(above=edge, below=place.before))
    if keys is not None:
        found = found.filter(pk__in=keys)
    rows = list(found.order_by(DOWN)[: size + 1])
    is_cut = len(rows) > size
    return Page(
        rows[:size],
        older=rows[size - 1].pk if is_cut else edge and _next(edge),
        edge=edge,
        looked_to=moment_of(edge) if edge and not is_cut else None,
    )


def place_of(request: HttpRequest) -> Place:
    return Place(*(_key(request.GET.get(name, "")) for name in PLACES))


def address(request: HttpRequest, **place: UUID | None) -> str:
    """The same list with the same filters, at another place."""
    query = request.GET.copy()
    for name in PLACES:
        query.pop(name, None)
    for empty in [name for name in query if not query[name]]:
        del query[empty]
    for name, key in place.items():
        query[name] = str(key)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def links(request: HttpRequest, shown: Page[Row], place: Place) -> dict[str, str | None]:
    """The addresses of the pages around this one, for the template `_pages.html`."""
    return {
        "newest": None if place.is_top else address(request),
        "newer": address(request, after=shown.newer) if shown.newer else None,
        "older": address(request, before=shown.older) if shown.older else None,
    }


def moment_of(key: UUID) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)


def from_on(moment: datetime) -> UUID:
    """The bound above which lie the keys of that moment and later ones."""
    return UUID(int=first_uuid7_at(moment).int - 1)


def _page(fetch: _Fetch[Row], place: Place, *, size: int) -> Page[Row]:
    if place.after is not None:
        nearest: list[Row] = fetch(Span(above=place.after), UP, size + 1)
        if nearest:
            shown = nearest[:size][::-1]
            is_cut = len(nearest) > size
            return Page(shown, newer=shown[0].pk if is_cut else None, older=shown[-1].pk)
    rows: list[Row] = fetch(Span(below=place.before), DOWN, size + 1)
    shown = rows[:size]
    return Page(
        shown,
        newer=shown[0].pk if place.before and shown else None,
        older=shown[-1].pk if len(rows) > size else None,
    )


def _next(key: UUID) -> UUID:
    return UUID(int=key.int + 1)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
