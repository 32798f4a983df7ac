from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("twofa", "0008_trusted_browsers")]
    operations: ClassVar = []
