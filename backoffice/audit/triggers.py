"""Database triggers that refuse to change or remove what was logged, on PostgreSQL and SQLite."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOG_TABLES = ("audit_auditevent", "audit_auditseal")

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""


def create(schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in creating(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)  # None: a % in it is no placeholder


def drop(schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in dropping(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)  # None: a % in it is no placeholder


def creating(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [_POSTGRESQL_FUNCTION, *(s for t in LOG_TABLES for s in _create_postgresql(t))]
    return [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        for table in LOG_TABLES
        for event in ("UPDATE", "DELETE")
    ]


def dropping(vendor: str) -> list[str]:
    if vendor == "postgresql":
        names = [(table, name) for table in LOG_TABLES for name in ("no_change", "no_truncate")]
        return [f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}" for table, name in names]
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_{event}"
        for table in LOG_TABLES
        for event in ("update", "delete")
    ]


def _create_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ]
