import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# By default a table is vacuumed when a fifth of it is dead. Until then the poller would pass over
# millions of dead entries of its index, every two seconds. A hundredth is still seldom, and most of
# these runs need not read the other indexes.
EAGER = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_analyze_scale_factor": "0.02",
}
BUSY_TABLES = ("smsproviders_smsmessage", "smsproviders_smsattempt")


def set_eager(schema_editor, tables):
    if schema_editor.connection.vendor == "postgresql":
        settings = ", ".join(f"{name} = {value}" for name, value in EAGER.items())
        for table in tables:
            schema_editor.execute(f"ALTER TABLE {table} SET ({settings})")


def reset_eager(schema_editor, tables):
    if schema_editor.connection.vendor == "postgresql":
        for table in tables:
            schema_editor.execute(f"ALTER TABLE {table} RESET ({', '.join(EAGER)})")


def vacuum_often(apps, schema_editor):
    set_eager(schema_editor, BUSY_TABLES)


def vacuum_as_usual(apps, schema_editor):
    reset_eager(schema_editor, BUSY_TABLES)


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0005_provider_health")]

    operations = [
        migrations.CreateModel(
            name="PurgeMark",
            fields=[
                ("part", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("up_to", models.UUIDField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RemoveIndex(model_name="smsmessage", name="message_unfinished"),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(
                condition=Q(finished_at=None) | ~Q(body=""),
                fields=["expires_at"],
                name="message_unsettled",
            ),
        ),
        migrations.RemoveIndex(model_name="smsmessage", name="message_to_send"),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(condition=~Q(cause=""), fields=["-id"], name="message_in_trouble"),
        ),
        migrations.AlterField(
            model_name="smsmessage",
            name="only_provider",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="smsproviders.smsprovider",
            ),
        ),
        migrations.AlterField(
            model_name="smsmessage",
            name="resent_from",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="resends",
                to="smsproviders.smsmessage",
            ),
        ),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(
                condition=Q(only_provider__isnull=False),
                fields=["only_provider"],
                name="message_of_test",
            ),
        ),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(
                condition=Q(resent_from__isnull=False),
                fields=["resent_from"],
                name="message_resent",
            ),
        ),
        migrations.AlterField(
            model_name="smsattempt",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attempts",
                to="smsproviders.smsmessage",
            ),
        ),
        migrations.AlterField(
            model_name="smsattempt",
            name="provider",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="attempts",
                to="smsproviders.smsprovider",
            ),
        ),
        migrations.AlterField(
            model_name="deliveryreport",
            name="attempt",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="smsproviders.smsattempt",
            ),
        ),
        migrations.RunPython(vacuum_often, vacuum_as_usual),
    ]
