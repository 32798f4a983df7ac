"""Two database roles: the owner migrates, the application may only insert into and read the log."""

from typing import Any

from django.conf import settings
from django.db import connections

from backoffice.audit.triggers import LOG_TABLES

_EVERYTHING_ELSE = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
"""


def grant_application_role(using: str, **_: Any) -> None:
    """After `migrate`: give the application's role its rights, and take the log's away again."""
    role = settings.DATABASE_APPLICATION_ROLE
    connection = connections[using]
    if connection.vendor != "postgresql" or not role or role == connection.settings_dict["USER"]:
        return
    quoted = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(granting(quoted))


def granting(quoted_role: str) -> str:
    """The statements, in one string, for a role name that is quoted already."""
    log = ", ".join(LOG_TABLES)
    return (
        _EVERYTHING_ELSE.format(role=quoted_role)
        + f"REVOKE UPDATE, DELETE, TRUNCATE ON {log} FROM {quoted_role};"
    )
