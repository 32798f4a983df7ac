"""Each challenge is dead after minutes: see `EAGER` in the migration of `smsproviders` named here."""

from importlib import import_module

from django.db import migrations

vacuuming = import_module("smsproviders.migrations.0006_housekeeping")

BUSY_TABLES = ("twofa_challenge",)


def vacuum_often(apps, schema_editor):
    vacuuming.set_eager(schema_editor, BUSY_TABLES)


def vacuum_as_usual(apps, schema_editor):
    vacuuming.reset_eager(schema_editor, BUSY_TABLES)


class Migration(migrations.Migration):
    dependencies = [("twofa", "0003_diagnosis"), ("smsproviders", "0006_housekeeping")]

    operations = [migrations.RunPython(vacuum_often, vacuum_as_usual)]
