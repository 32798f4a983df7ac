from typing import ClassVar

from django.db import migrations, models

from twofa.vocabulary import FactorKind


class Migration(migrations.Migration):
    dependencies: ClassVar = [("twofa", "0009_notices")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="verificationstate",
            name="preferred_factor",
            field=models.CharField(blank=True, choices=FactorKind, default="", max_length=13),
        ),
    ]
