"""Puts the test database back to what the migrations left, rows of data migrations included.

Django's own flush empties every table, so the groups and settings that migrations made would be
missing in the next test; and it truncates, which the log's triggers refuse. Here the rows are kept
aside once, in a schema of their own, and put back with the same ids. Deleting instead of
truncating takes no lock that a worker of the test, still closing, could block."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_TABLES = """
    SELECT c.relname AS name,
           to_regclass('pristine.' || quote_ident(c.relname)) IS NOT NULL AS kept,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
           ) AS columns
      FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition
"""

REMEMBER = """
DROP SCHEMA IF EXISTS pristine CASCADE;
CREATE SCHEMA pristine;
DO $$
DECLARE
    found record;
    filled boolean;
BEGIN
    FOR found IN TABLES LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', found.name) INTO filled;
        IF filled THEN
            EXECUTE format(
                'CREATE TABLE pristine.%I AS SELECT %s FROM public.%I',
                found.name, found.columns, found.name
            );
        END IF;
    END LOOP;
END $$;
"""

# As a replica no trigger fires: neither the log's, nor those that check foreign keys.
RESTORE = """
DO $$
DECLARE
    found record;
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '20s';
    FOR found IN TABLES LOOP
        EXECUTE format('DELETE FROM public.%I', found.name);
        IF found.kept THEN
            EXECUTE format(
                'INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pristine.%I',
                found.name, found.columns, found.columns, found.name
            );
        END IF;
    END LOOP;
END $$;
"""


# What a killed process had sent is still carried out by the server, perhaps after the restoring.
END_LEFTOVERS = """
SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND backend_type = 'client backend' AND state <> 'idle'
"""


END_OTHERS = END_LEFTOVERS.replace("AND state <> 'idle'", "")


def let_go(connection: "BaseDatabaseWrapper") -> None:
    """End every other connection, or the database could not be dropped.

    A browser's event loop makes Django keep its connections apart: one of a test that was asked
    for with a browser open is out of reach afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute(END_OTHERS)


def remember(connection: "BaseDatabaseWrapper") -> None:
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER.replace("TABLES", _TABLES))


def restore(connection: "BaseDatabaseWrapper") -> None:
    """On a fresh connection: the test may have changed the role, or broken the old one."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(END_LEFTOVERS)
        cursor.execute(RESTORE.replace("TABLES", _TABLES))
