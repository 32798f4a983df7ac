"""Indexes of the lists at a million rows: operators among clients, and search within words.

Raw, since trigrams exist on PostgreSQL only; SQLite, which is for development, scans.
"""

from django.db import migrations

# Expressions as Django writes `icontains`, or PostgreSQL would not use them.
TRIGRAMS = {
    "client_name_trigrams": "clients_client USING gin (UPPER(name::text) gin_trgm_ops)",
    "client_phone_trigrams": "clients_client USING gin ((phone::text) gin_trgm_ops)",
    "user_email_trigrams": "clients_user USING gin (UPPER(email::text) gin_trgm_ops)",
}


def make_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, definition in TRIGRAMS.items():
        schema_editor.execute(f"CREATE INDEX {name} ON {definition}")


def drop_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in TRIGRAMS:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0001_groups")]

    operations = [
        migrations.RunPython(make_trigrams, drop_trigrams),
        # Operators are few among many users; lists and choices of them must not scan all.
        migrations.RunSQL(
            "CREATE INDEX user_operators ON clients_user (email) WHERE is_staff",
            "DROP INDEX user_operators",
        ),
        # Who is locked now is looked for among everybody.
        migrations.RunSQL(
            "CREATE INDEX state_locked ON twofa_verificationstate (locked_until)"
            " WHERE locked_until IS NOT NULL",
            "DROP INDEX state_locked",
        ),
        migrations.RunSQL(
            "CREATE INDEX state_hard_locked ON twofa_verificationstate (hard_locked_at)"
            " WHERE hard_locked_at IS NOT NULL",
            "DROP INDEX state_hard_locked",
        ),
    ]
