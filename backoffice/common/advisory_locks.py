"""Taking turns at what no row stands for: a count over many rows, a thing not written down yet."""

import hashlib

from django.db import connection


def hold(*names: str) -> None:
    """Wait for all others that hold one of these names; hold them until the transaction ends.

    In one order, so that nobody waits in a circle; whoever calls it twice within one transaction
    must keep to an order of his own. SQLite writes one transaction at a time anyhow.
    """
    if connection.vendor != "postgresql":
        return
    keys = sorted({_key(name) for name in names})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def hold_if_free(name: str) -> bool:
    """As `hold`, but False at once when somebody else holds it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(name)])
        return bool(cursor.fetchone()[0])


def _key(name: str) -> int:
    """A number of 64 bits with a sign, as PostgreSQL wants it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
