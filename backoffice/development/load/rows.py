"""Writing many rows at once: COPY on PostgreSQL, `executemany` on SQLite."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, models

# What both databases read as it stands: moments by `stamp`, ids as 32 hexadecimal digits.
Value = str | int | None
Row = tuple[Value, ...]

DAY = 24 * 3600 * 1000  # milliseconds
EPOCH = date(1970, 1, 1)
_NULL = "\\N"


class Table:
    """The table of a model, filled by rows that give some of its fields, always the same ones.

    Every other column gets its field's default, so that a field added later needs no change here.
    Values hold no backslash, tab or line end: they are made by this package.
    """

    def __init__(self, model: type[models.Model], *given: str) -> None:
        fields = [field for field in model._meta.concrete_fields if not _is_made_there(field)]
        attributes = [field.attname for field in fields]
        unknown = set(given) - set(attributes)
        if unknown:
            raise LookupError(f"{model._meta.label} has no {', '.join(sorted(unknown))}")
        rest = [field for field in fields if field.attname not in given]
        columns = {field.attname: str(field.column) for field in fields}
        quoted = connection.ops.quote_name
        self.name = quoted(model._meta.db_table)
        names = [*given, *(field.attname for field in rest)]
        self._columns = ", ".join(quoted(columns[name]) for name in names)
        self._defaults = tuple(_as_value(field.get_default()) for field in rest)

    def write(self, rows: Sequence[Row]) -> None:
        """In the caller's transaction."""
        if not rows:
            return
        if connection.vendor == "postgresql":
            self._copy(rows)
        else:
            self._insert(rows)

    def _copy(self, rows: Iterable[Row]) -> None:
        end = "".join(f"\t{_as_text(value)}" for value in self._defaults) + "\n"
        lines = ["\t".join(map(_as_text, row)) + end for row in rows]
        statement = f"COPY {self.name} ({self._columns}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("".join(lines))

    def _insert(self, rows: Sequence[Row]) -> None:
        marks = ", ".join(["%s"] * (len(rows[0]) + len(self._defaults)))
        statement = f"INSERT INTO {self.name} ({self._columns}) VALUES ({marks})"  # noqa: S608 - names of ours
        with connection.cursor() as cursor:
            cursor.executemany(statement, [(*row, *self._defaults) for row in rows])


def id_at(milliseconds: int, random: Random) -> str:
    """A UUIDv7 made at that moment, in hexadecimal."""
    number = (
        (milliseconds << 80)
        | (0x7 << 76)
        | (random.getrandbits(12) << 64)
        | (0b10 << 62)
        | random.getrandbits(62)
    )
    return f"{number:032x}"


def dashed(identifier: str) -> str:
    """As `str()` of a UUID writes it."""
    i = identifier
    return f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}"


def stamp(milliseconds: int) -> str:
    """A moment, in UTC; three times as fast as by `datetime`."""
    day, rest = divmod(milliseconds, DAY)
    return (
        f"{_date(day)} {rest // 3600000:02d}:{rest // 60000 % 60:02d}:{rest % 60000 / 1000:06.3f}"
    )


@cache
def _date(day: int) -> str:
    return str(EPOCH + timedelta(days=day))


def milliseconds_of(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _is_made_there(field: "models.Field[Any, Any]") -> bool:
    """By the database: a number that it counts, or a column that it computes."""
    return isinstance(field, models.AutoField) or field.generated


def _as_value(default: Any) -> Value:
    match default:
        case None | str():
            return default
        case bool() | int():
            return int(default)
        case dict() | list():
            return json.dumps(default)
        case datetime():
            return stamp(milliseconds_of(default))
        case UUID():
            return default.hex
        case _:
            return str(default)


def _as_text(value: Value) -> str:
    return _NULL if value is None else str(value)
