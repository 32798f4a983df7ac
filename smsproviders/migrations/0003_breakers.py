import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0002_templates")]

    operations = [
        migrations.CreateModel(
            name="Breaker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened")),
                ("open_seconds", models.PositiveSmallIntegerField(default=0)),
                ("probe_at", models.DateTimeField(blank=True, null=True, verbose_name="next probe")),
                ("probe", models.UUIDField(blank=True, null=True)),
                ("cause", models.CharField(blank=True, max_length=40, verbose_name="cause")),
                ("error_code", models.CharField(blank=True, max_length=20, verbose_name="error code")),
                ("judged_from", models.DateTimeField(blank=True, null=True)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="breakers",
                        to="smsproviders.smsprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "breaker",
                "verbose_name_plural": "breakers",
                "ordering": ["country"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="breaker",
            constraint=models.UniqueConstraint(fields=("provider", "country"), name="breaker_kept_once"),
        ),
        migrations.AddField(
            model_name="smsattempt",
            name="country",
            field=models.CharField(blank=True, editable=False, max_length=2),
        ),
        migrations.AddField(
            model_name="smsattempt",
            name="counts_for_breaker",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="smsattempt",
            index=models.Index(fields=["provider", "country", "-id"], name="attempt_by_destination"),
        ),
        migrations.AddField(
            model_name="smsmessage",
            name="held_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="smsmessage",
            name="in_line_for",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="smsprovider",
            name="messages_per_second",
            field=models.FloatField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.01),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="messages per second",
            ),
        ),
    ]
