from django.db import migrations, models

from backoffice.audit import triggers


def create(apps, schema_editor):
    """The seals' table is new, so its triggers are."""
    vendor = schema_editor.connection.vendor
    for statement in (
        *triggers.creating_for("audit_auditseal", vendor),
        *triggers.making_wait(vendor),
    ):
        schema_editor.execute(statement, params=None)  # None: a % in it is no placeholder


def drop(apps, schema_editor):
    table = " ON audit_auditevent" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {triggers.WAITING_TRIGGER}{table}")


def guard(apps, schema_editor):
    """Backwards: the table as it was before, with its triggers."""
    for statement in triggers.creating_for("audit_auditseal", schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Nothing was sealed before, so the table of the seals is made anew."""

    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard),
        migrations.DeleteModel("AuditSeal"),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                ("digest", models.CharField(max_length=64)),
                ("key_id", models.CharField(max_length=12)),
                ("signature", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "ordering": ["number"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="UnsealedEvent",
            fields=[("event_id", models.UUIDField(primary_key=True, serialize=False))],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="SealingState",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("ran_at", models.DateTimeField(null=True)),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("failed", "sealing fails"),
                            ("event_gone", "an event was removed before it was sealed"),
                            ("head_unsigned", "the last seal was not made with our key"),
                            (
                                "head_cut",
                                "the head kept outside knows seals that the log does not have",
                            ),
                            ("head_unwritten", "the head cannot be written outside"),
                        ],
                        max_length=16,
                    ),
                ),
                ("trouble_since", models.DateTimeField(null=True)),
                ("written", models.CharField(blank=True, max_length=16)),
                ("told_trouble", models.CharField(blank=True, max_length=16)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(create, drop),
    ]
