"""Database triggers that refuse to change or remove what was logged, on PostgreSQL and SQLite."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOG_TABLES = ("audit_auditevent", "audit_auditseal")
WAITING_TRIGGER = "audit_auditevent_waits"

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""

# As the tables' owner: the application's role gets its rights to the new table only when `migrate`
# ends, and a site that runs meanwhile must not fail.
_WAITING_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_wait_for_seal() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_unsealedevent (event_id) VALUES (NEW.id);
    RETURN NULL;
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
    return [statement for table in LOG_TABLES for statement in _create_sqlite(table)]


def creating_for(table: str, vendor: str) -> list[str]:
    """Of one table, whose function is there already."""
    return _create_postgresql(table) if vendor == "postgresql" else _create_sqlite(table)


def making_wait(vendor: str) -> list[str]:
    """Each new event waits for its seal, in its own transaction, however it is written."""
    if vendor == "postgresql":
        return [
            _WAITING_FUNCTION,
            f"CREATE TRIGGER {WAITING_TRIGGER} AFTER INSERT ON audit_auditevent "
            "FOR EACH ROW EXECUTE FUNCTION audit_wait_for_seal()",
        ]
    return [
        f"CREATE TRIGGER {WAITING_TRIGGER} AFTER INSERT ON audit_auditevent "  # noqa: S608
        "BEGIN INSERT INTO audit_unsealedevent (event_id) VALUES (NEW.id); END"
    ]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are not there, or switched off."""
    return sorted(set(_expected(connection.vendor)) - set(_present(connection)))


def _expected(vendor: str) -> list[str]:
    changes = ("change", "truncate") if vendor == "postgresql" else ("update", "delete")
    return [WAITING_TRIGGER, *(f"{table}_no_{one}" for table in LOG_TABLES for one in changes)]


def _present(connection: BaseDatabaseWrapper) -> list[str]:
    tables = ", ".join(f"'{table}'::regclass" for table in LOG_TABLES)
    found = (
        # O: on its own server, as it is made; A: on a replica as well.
        f"SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND tgrelid IN ({tables})"  # noqa: S608
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(found)
        return [name for (name,) in cursor.fetchall()]


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


def _create_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        for event in ("UPDATE", "DELETE")
    ]
