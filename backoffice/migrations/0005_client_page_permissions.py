from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("backoffice", "0004_console_permissions")]
    operations: ClassVar = []
