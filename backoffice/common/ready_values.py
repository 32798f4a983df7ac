"""Queries of values whose SQL is made once: see `ready_queries`, which reads whole rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import QuerySet

from backoffice.common.ready_queries import places_of

T = TypeVar("T", bound=tuple[Any, ...])


class ReadyValues(Generic[T]):
    """What a queryset's `values_list()` gives, for the default database.

    `make` and `stand_ins` are as those of a `ReadyQuery`.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, T]], *stand_ins: object) -> None:
        self._make = make
        self._stand_ins = stand_ins
        self._ready: _Ready | None = None

    def __call__(self, *values: object) -> list[T]:
        """The rows; each call asks the database."""
        if connection.vendor != "postgresql":
            return list(self._make(*values))
        if self._ready is None:
            self._ready = _made_ready(self._make(*self._stand_ins), self._stand_ins)
        ready = self._ready
        with connection.cursor() as cursor:
            cursor.execute(ready.sql, ready.parameters_with(values))
            rows: list[T] = [ready.converted(row) for row in cursor.fetchall()]
        return rows


@dataclass(frozen=True, slots=True)
class _Ready:
    sql: str
    parameters: Sequence[Any]
    places: dict[int, int]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]

    def parameters_with(self, values: Sequence[object]) -> list[Any]:
        parameters = list(self.parameters)
        for place, number in self.places.items():
            parameters[place] = values[number]
        return parameters

    def converted(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, converters, expression in self.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


def _made_ready(queryset: QuerySet[Any, Any], stand_ins: Sequence[object]) -> _Ready:
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    found = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    return _Ready(
        sql=sql,
        parameters=parameters,
        places=places_of(stand_ins, parameters),
        converters=[(place, *found[place]) for place in sorted(found)],
    )
