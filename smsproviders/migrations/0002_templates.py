from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0001_initial")]

    operations = []
