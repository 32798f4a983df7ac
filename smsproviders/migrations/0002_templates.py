import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SmsTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=20, verbose_name="purpose")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("text", models.TextField(verbose_name="text")),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="changed"
                    ),
                ),
                ("changed_by", models.CharField(blank=True, max_length=64)),
                ("skipped_since", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "verbose_name": "SMS template",
                "verbose_name_plural": "SMS templates",
                "ordering": ["purpose", "language"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "language"), name="template_purpose_language"
                    )
                ],
            },
        ),
    ]
