from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("smsproviders", "0005_provider_health")]

    operations = []
