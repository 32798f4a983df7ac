import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import backoffice.common.encrypted_field
import backoffice.common.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("smsproviders", "0008_message_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("failures", "sends fail"),
                            ("receipts", "no delivery receipts"),
                            ("conversion", "few codes are typed"),
                            ("queue", "our own queue is stalled"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "provider_caption",
                    models.CharField(blank=True, max_length=100, verbose_name="provider"),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("prefix", models.CharField(blank=True, max_length=12, verbose_name="prefix")),
                ("cause", models.CharField(blank=True, max_length=40, verbose_name="cause")),
                (
                    "error_code",
                    models.CharField(blank=True, max_length=20, verbose_name="error code"),
                ),
                (
                    "owner",
                    models.CharField(
                        choices=[
                            ("operator", "Us: settings"),
                            ("provider", "SMS provider"),
                            ("carrier", "Mobile network"),
                            ("platform", "Us: our systems"),
                            ("unknown", "Not known"),
                        ],
                        default="unknown",
                        max_length=8,
                        verbose_name="who can mend it",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="since")),
                (
                    "opened_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_bad_at", models.DateTimeField(verbose_name="until")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("reopened", models.PositiveSmallIntegerField(default=0)),
                ("sends", models.PositiveIntegerField(default=0, verbose_name="sends")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("numbers", models.PositiveIntegerField(default=0, verbose_name="numbers")),
                ("hit", models.PositiveIntegerField(default=0, verbose_name="without a code")),
                ("is_felt", models.BooleanField(default=False)),
                ("usual_failed", models.PositiveIntegerField(default=0)),
                ("usual_sends", models.PositiveIntegerField(default=0)),
                (
                    "note",
                    backoffice.common.encrypted_field.EncryptedTextField(blank=True, default=""),
                ),
                ("noted_at", models.DateTimeField(blank=True, null=True)),
                ("noted_by", models.CharField(blank=True, max_length=40)),
                ("told_state", models.CharField(blank=True, max_length=4)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="smsproviders.incident",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="incidents",
                        to="smsproviders.smsprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
                "ordering": ["-id"],
                "permissions": [("note_incident", "Can write the note of an incident")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="IncidentMinute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("sends", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="minutes",
                        to="smsproviders.incident",
                    ),
                ),
            ],
            options={
                "ordering": ["minute"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="IncidentNumber",
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
                ("number", models.CharField(max_length=16)),
                ("first_at", models.DateTimeField()),
                ("hit_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("told", "told by e-mail"),
                            ("recovered", "signed in meanwhile"),
                            ("left_out", "not told"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hits",
                        to="smsproviders.incident",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["-began_at"], name="incident_open"
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["-last_bad_at"], name="incident_by_end"),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("provider", "country", "prefix", "kind"),
                name="incident_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None), ("provider", None)),
                fields=("country", "prefix", "kind"),
                name="incident_of_all_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentminute",
            constraint=models.UniqueConstraint(
                fields=("incident", "minute"), name="incident_minute_once"
            ),
        ),
        migrations.AddIndex(
            model_name="incidentnumber",
            index=models.Index(
                condition=models.Q(("hit_at__isnull", False)),
                fields=["incident", "-id"],
                name="incident_hits",
            ),
        ),
        migrations.AddIndex(
            model_name="incidentnumber",
            index=models.Index(
                condition=models.Q(("hit_at__isnull", False), ("settled_at", None)),
                fields=["incident", "id"],
                name="incident_untold",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentnumber",
            constraint=models.UniqueConstraint(
                fields=("incident", "number"), name="incident_number_once"
            ),
        ),
    ]
