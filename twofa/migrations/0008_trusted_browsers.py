from typing import ClassVar

import backoffice.common.identifiers
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("clients", "0001_initial"),
        ("twofa", "0007_lost_device"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="TrustedBrowser",
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
                ("confirmed", models.BooleanField(default=True)),
                ("digest", models.CharField(max_length=64)),
                ("previous_digest", models.CharField(blank=True, max_length=64)),
                ("rotated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("password_digest", models.CharField(max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="since"
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="last used"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                ("browser", models.CharField(blank=True, max_length=200, verbose_name="browser")),
                (
                    "address_block",
                    models.CharField(blank=True, max_length=43, verbose_name="network"),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "revoked_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stopped", "stopped by the client"),
                            ("signed_out", "sessions ended from elsewhere"),
                            ("password", "password changed"),
                            ("factor", "second factor changed"),
                            ("recovery_codes", "new recovery codes made"),
                            ("hard_lock", "locked after wrong codes"),
                            ("denied", "the client said: this was not me"),
                            ("copied", "its proof was shown twice"),
                            ("replaced", "trusted anew, or too many"),
                            ("switched_off", "switched off for everybody"),
                        ],
                        max_length=14,
                        verbose_name="why",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="clients.usersession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "trusted browser",
                "verbose_name_plural": "trusted browsers",
                "ordering": ["-id"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["user", "-id"], name="trusted_browser_by_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed", True), ("revoked_at", None)),
                            models.Q(("confirmed", False), ("revoked_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="trusted_browser_ended_verifies_nothing",
                    )
                ],
            },
        ),
    ]
