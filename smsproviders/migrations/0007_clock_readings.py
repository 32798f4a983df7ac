from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0006_housekeeping")]

    operations = [
        migrations.CreateModel(
            name="ClockReading",
            fields=[
                (
                    "source",
                    models.CharField(
                        choices=[("providers", "Providers"), ("database", "Database")],
                        max_length=9,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("offset_ms", models.IntegerField()),
                ("at", models.DateTimeField(default=timezone.now)),
                ("off_since", models.DateTimeField(blank=True, null=True)),
            ],
            options={"default_permissions": ()},
        ),
    ]
