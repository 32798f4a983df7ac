import django.utils.timezone
from django.db import migrations, models

import backoffice.common.identifiers
import smsproviders.prefixes


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0003_breakers")]

    operations = [
        migrations.CreateModel(
            name="RoutePause",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backoffice.common.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("prefix", "Prefix"),
                            ("country", "Country"),
                            ("all", "All countries"),
                        ],
                        max_length=7,
                        verbose_name="scope",
                    ),
                ),
                ("route", models.CharField(max_length=12, verbose_name="route")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("low_conversion", "few of its codes are typed"),
                            ("fraud_hold", "a provider suspects fraud"),
                            ("spend_cap", "the money of the hour is spent"),
                        ],
                        max_length=14,
                        verbose_name="reason",
                    ),
                ),
                (
                    "began_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="since"),
                ),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told")),
                ("sends", models.PositiveIntegerField(blank=True, null=True, verbose_name="sent")),
                ("typed", models.PositiveIntegerField(blank=True, null=True, verbose_name="typed")),
                (
                    "provider_caption",
                    models.CharField(blank=True, max_length=100, verbose_name="provider"),
                ),
                (
                    "error_code",
                    models.CharField(blank=True, max_length=20, verbose_name="error code"),
                ),
                (
                    "spent",
                    models.DecimalField(
                        blank=True, decimal_places=5, max_digits=14, null=True, verbose_name="spent"
                    ),
                ),
                (
                    "cap",
                    models.DecimalField(
                        blank=True, decimal_places=5, max_digits=14, null=True, verbose_name="cap"
                    ),
                ),
            ],
            options={
                "verbose_name": "paused route",
                "verbose_name_plural": "paused routes",
                "ordering": ["-id"],
                "permissions": [("lift_pause", "Can lift the pause of a route")],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["route", "-ends_at"], name="pause_by_route")],
            },
        ),
        migrations.CreateModel(
            name="SpendMinute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=2)),
                ("minute", models.DateTimeField(verbose_name="minute")),
                (
                    "amount",
                    models.DecimalField(decimal_places=5, max_digits=14, verbose_name="amount"),
                ),
                ("counted_to", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["minute"], name="spend_by_minute")],
                "constraints": [
                    models.UniqueConstraint(fields=("country", "minute"), name="spend_minute_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryPrice",
            fields=[
                ("country", models.CharField(max_length=2, primary_key=True, serialize=False)),
                (
                    "price",
                    models.DecimalField(decimal_places=5, max_digits=10, verbose_name="price"),
                ),
                ("told_at", models.DateTimeField(verbose_name="told")),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddField(
            model_name="smsmessage",
            name="prefix",
            field=models.GeneratedField(
                db_persist=True,
                expression=smsproviders.prefixes.prefix_column("number"),
                output_field=models.CharField(max_length=12),
            ),
        ),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(fields=["created_at"], name="message_by_time"),
        ),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)),
                fields=["prefix", "created_at"],
                name="message_by_prefix",
            ),
        ),
        migrations.AddIndex(
            model_name="smsattempt",
            index=models.Index(
                condition=models.Q(("price__isnull", False)),
                fields=["started_at"],
                name="attempt_priced",
            ),
        ),
    ]
