from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("clients", "0001_initial")]
    operations: ClassVar = []
