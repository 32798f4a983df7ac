import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import backoffice.common.encrypted_field
import backoffice.common.identifiers

OPEN = models.Q(("state__in", ["received", "taken", "more_needed"]))


class Migration(migrations.Migration):
    dependencies = [
        ("twofa", "0006_verdicts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reset",
            name="hold_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="hold until"),
        ),
        migrations.CreateModel(
            name="SupportRequest",
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
                ("number", models.CharField(max_length=12, unique=True, verbose_name="number")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Not verified"),
                            (1, "E-mail and phone"),
                            (2, "Identity"),
                            (3, "Identity and address"),
                        ],
                        default=0,
                        verbose_name="verification level",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("taken", "Being looked at"),
                            ("more_needed", "Waits for the client"),
                            ("answered", "Switched off"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("denied", "“This was not me”"),
                        ],
                        default="received",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="asked"
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="changed"),
                ),
                ("due_at", models.DateTimeField(verbose_name="answer by")),
                ("question", backoffice.common.encrypted_field.EncryptedTextField(blank=True)),
                ("reply", backoffice.common.encrypted_field.EncryptedTextField(blank=True)),
                ("refusal", backoffice.common.encrypted_field.EncryptedTextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("denied_at", models.DateTimeField(blank=True, null=True)),
                ("reopened_at", models.DateTimeField(blank=True, null=True)),
                ("told_overdue_at", models.DateTimeField(blank=True, null=True)),
                (
                    "finished_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "lost device",
                "verbose_name_plural": "lost devices",
                "ordering": ["-id"],
                "permissions": [
                    ("handle_lost_device", "Can handle requests of clients without device")
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=OPEN, fields=("user",), name="support_request_one_open"
                    )
                ],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="support_request_by_user"),
                    models.Index(condition=OPEN, fields=["due_at"], name="support_request_open"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportRequestLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="twofa.supportrequest",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="SupportRequestProof",
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
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=200)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("note", backoffice.common.encrypted_field.EncryptedTextField(blank=True)),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to="twofa.supportrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "position"), name="support_proof_once"
                    )
                ],
            },
        ),
    ]
