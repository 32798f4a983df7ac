from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0007_clock_readings")]

    operations = [
        migrations.AlterModelOptions(
            name="smsmessage",
            options={
                "default_permissions": ("view",),
                "ordering": ["-id"],
                "permissions": [("resend_smsmessage", "Can send a message with a code again")],
                "verbose_name": "message",
                "verbose_name_plural": "messages",
            },
        ),
        migrations.AddIndex(
            model_name="smsmessage",
            index=models.Index(
                condition=models.Q(("cause", ""), _negated=True),
                fields=["cause", "-id"],
                name="message_by_cause",
            ),
        ),
    ]
