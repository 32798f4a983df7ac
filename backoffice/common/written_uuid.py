"""A UUID as it is written, in a query: `user:019a…` is text, and the key is not."""

from typing import Any

from django.db.models import CharField, Func


class WrittenUuid(Func):
    """With its dashes, on every database: SQLite keeps the hexadecimal digits alone."""

    template = "CAST(%(expressions)s AS varchar)"
    output_field = CharField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        parts = [f"substr({sql}, {start}, {length})" for start, length in _PARTS]
        return " || '-' || ".join(parts), [*params] * len(parts)


_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
