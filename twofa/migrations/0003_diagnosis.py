from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("twofa", "0002_send_policy")]

    operations = [
        migrations.AddField(
            model_name="codeattempt",
            name="other_factor",
            field=models.CharField(
                blank=True,
                choices=[
                    ("authenticator", "Google Authenticator"),
                    ("sms", "SMS confirmation"),
                    ("recovery", "Recovery code"),
                ],
                max_length=13,
            ),
        ),
    ]
