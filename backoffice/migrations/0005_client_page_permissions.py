"""What the client pages add to the five groups: permissions named after their acts."""

from importlib import import_module

from django.db import migrations

groups = import_module("backoffice.migrations.0001_groups")

ADMINISTRATOR, SUPPORT, SECURITY_DESK = "Administrator", "Support", "Security desk"
ADDED = {
    "twofa.view_supportrequest": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    "twofa.handle_lost_device": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    # As changing one: whose account it becomes is the administrator's to answer for.
    "clients.add_client": [ADMINISTRATOR],
    # The same link to the same address, some a day.
    "clients.invite_client": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
}


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for label, names in ADDED.items():
        permission = groups.permission(apps, label)
        for name in names:
            # An installation may have renamed or removed one of ours.
            group = Group.objects.filter(name=name).first()
            if group is not None:
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0004_console_permissions"),
        # The last that declare a permission named above.
        ("clients", "0002_invitations"),
        ("twofa", "0007_lost_device"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
