"""Pages of a list of any size, without counting it: `count(*)` over a million rows costs 100 ms.

Unfiltered, PostgreSQL's own estimate is good enough for page numbers. Filtered, rows are counted
up to `CAP` and no further.
"""

from typing import Any

from django.core.paginator import Paginator
from django.db import connection, models
from django.utils.functional import cached_property

CAP = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """`count` is exact up to CAP; beyond, an estimate (`is_estimate`)."""

    is_estimate = False
    cap = CAP
    object_list: Any

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        rows = self.object_list
        if not isinstance(rows, models.QuerySet):
            return len(rows)
        counted = rows.order_by().values("pk")[: CAP + 1].count()
        if counted <= CAP:
            return counted
        self.is_estimate = True
        return max(_estimated_rows(rows), CAP) if not rows.query.where else CAP


def _estimated_rows(rows: models.QuerySet[Any]) -> int:
    """The planner's figure on PostgreSQL; counted on SQLite, which is for development only."""
    if connection.vendor != "postgresql":
        return rows.order_by().count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
            [rows.model._meta.db_table],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0
