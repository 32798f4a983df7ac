import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

IN_TROUBLE = ["expired", "failed", "undelivered", "unknown"]


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
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(
                condition=Q(state__in=IN_TROUBLE), fields=["state", "-id"], name="message_in_trouble"
            ),
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
    ]
