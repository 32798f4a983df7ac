"""Rows of several tables in one question, for a page that shows a little of each.

Each row comes as JSON beside the place of its table, since a UNION wants the same columns of all.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, IntegerField, Model, QuerySet, Value
from django.db.models.functions import JSONObject

M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Newest(Generic[M]):
    """The newest `most` of these rows, by a column of theirs; `found` once they were read.

    `without`: what is not read, being secret or long; asking a row for it costs a query.
    """

    rows: QuerySet[M]
    most: int
    by: str = "id"
    without: Collection[str] = ()
    found: list[M] = field(default_factory=list)


def read_together(*wanted: Newest[Any]) -> None:
    """One query."""
    first, *others = (_arm(place, one) for place, one in enumerate(wanted))
    rows = list(first.union(*others, all=True))
    for place, one in enumerate(wanted):
        own = (_row(one, columns) for of, columns in rows if of == place)
        one.found[:] = sorted(own, key=lambda row: getattr(row, one.by), reverse=True)


def _arm(place: int, one: Newest[Any]) -> QuerySet[Any, Any]:
    model = one.rows.model
    # A LIMIT within a UNION is not for every database.
    newest = one.rows.order_by(f"-{one.by}").values("pk")[: one.most]
    columns = {column.attname: column.attname for column in _columns(one)}
    rows = model._default_manager.filter(pk__in=newest).order_by()
    arm: QuerySet[Any, Any] = rows.values_list(
        Value(place, output_field=IntegerField()), JSONObject(**columns)
    )
    return arm


def _columns(one: Newest[Any]) -> list["Field[Any, Any]"]:
    own = one.rows.model._meta.concrete_fields
    return [column for column in own if column.attname not in one.without]


def _row(one: Newest[M], values: dict[str, Any]) -> M:
    columns = _columns(one)
    read = [_value(column, values[column.attname]) for column in columns]
    row: M = one.rows.model.from_db(DEFAULT_DB_ALIAS, [one.attname for one in columns], read)
    return row


def _value(column: "Field[Any, Any]", value: Any) -> Any:
    """As the column would have given it: JSON knows neither moments nor UUIDs."""
    value = column.to_python(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
