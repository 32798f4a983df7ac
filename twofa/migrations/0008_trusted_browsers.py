from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("twofa", "0007_lost_device")]
    operations: ClassVar = []
