"""An `update()` whose SQL is made once: see `ready_queries`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery

from backoffice.common.ready_queries import places_of


class ReadyChange:
    """Changes columns of the rows of a queryset, for the default database.

    `make` gives the rows and the new values by name; it and `stand_ins` are as those of a
    `ReadyQuery`.
    """

    def __init__(
        self, make: Callable[..., tuple[QuerySet[Any], Mapping[str, object]]], *stand_ins: object
    ) -> None:
        self._make = make
        self._stand_ins = stand_ins
        self._ready: tuple[str, Sequence[Any], Mapping[int, int]] | None = None

    def __call__(self, *values: object) -> int:
        """The number of rows changed."""
        if connection.vendor != "postgresql":
            rows, changes = self._make(*values)
            return rows.update(**changes)
        if self._ready is None:
            self._ready = _made_ready(*self._make(*self._stand_ins), self._stand_ins)
        sql, known, places = self._ready
        parameters = list(known)
        for place, number in places.items():
            parameters[place] = values[number]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)


def _made_ready(
    rows: QuerySet[Any], changes: Mapping[str, object], stand_ins: Sequence[object]
) -> tuple[str, Sequence[Any], Mapping[int, int]]:
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(changes)
    query.clear_ordering(force=True)
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return sql, parameters, places_of(stand_ins, parameters)
