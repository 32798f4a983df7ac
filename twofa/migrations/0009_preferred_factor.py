from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("twofa", "0008_trusted_browsers")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="verificationstate",
            name="preferred_factor",
            field=models.CharField(
                blank=True,
                choices=[
                    ("authenticator", "Google Authenticator"),
                    ("sms", "SMS confirmation"),
                    ("recovery", "Recovery code"),
                    ("temporary", "Code from support"),
                ],
                default="",
                max_length=13,
            ),
        ),
    ]
