"""Pages of a list of any size, without counting it: `count(*)` over a million rows costs 100 ms.

Unfiltered, PostgreSQL's own estimate is good enough for page numbers. Filtered, rows are counted
up to `CAP` and no further.
"""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection, models
from django.utils.functional import cached_property

CAP = 5_000
FAR = 1000  # rows


class BoundedPaginator(Paginator[Any]):
    """`count` is exact up to CAP; beyond, an estimate (`is_estimate`)."""

    is_estimate = False
    cap = CAP
    object_list: Any

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, models.QuerySet):
            return len(rows)
        counted = rows.order_by().values("pk")[: CAP + 1].count()
        if counted <= CAP:
            return counted
        self.is_estimate = True
        return max(_estimated_rows(rows), CAP) if not rows.query.where else CAP

    def page(self, number: Any) -> Page[Any]:
        """Far pages by key: OFFSET would join and build every row that it then throws away."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        if start < FAR or not isinstance(self.object_list, models.QuerySet):
            return super().page(number)
        keys = list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page])
        return Page(self.object_list.filter(pk__in=keys), number, self)


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
