"""The different values of an indexed column, one index step each: `SELECT DISTINCT` reads all."""

from typing import Any, cast

from django.db import connection, models

LIMIT = 300
# Loose index scan: https://wiki.postgresql.org/wiki/Loose_indexscan; SQLite reads it the same.
# ORDER BY with LIMIT and not MIN, which PostgreSQL does not have for UUIDs.
STATEMENT = """
WITH RECURSIVE found(value) AS (
    SELECT (SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY {column} LIMIT 1)
      FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT {limit}
"""


def distinct_values(model: type[models.Model], name: str) -> list[Any]:
    """At most LIMIT of them, in order, without null and without the empty text."""
    field = cast("models.Field[Any, Any]", model._meta.get_field(name))
    quoted = connection.ops.quote_name
    statement = STATEMENT.format(
        column=quoted(str(field.column)), table=quoted(model._meta.db_table), limit=LIMIT
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        values = [row[0] for row in cursor.fetchall()]
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return [target.to_python(value) for value in values if value != ""]
