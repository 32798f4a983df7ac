from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("twofa", "0009_preferred_factor")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="verificationstate",
            index=models.Index(
                condition=models.Q(("locked_until__isnull", False)),
                fields=["locked_until"],
                name="twofa_state_locked_until",
            ),
        ),
        migrations.AddIndex(
            model_name="verificationstate",
            index=models.Index(
                condition=models.Q(("hard_locked_at__isnull", False)),
                fields=["hard_locked_at"],
                name="twofa_state_hard_locked",
            ),
        ),
    ]
