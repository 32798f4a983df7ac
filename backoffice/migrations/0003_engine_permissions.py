"""What the delivery engine adds to the five groups: permissions named after its acts."""

from importlib import import_module

from django.db import migrations

groups = import_module("backoffice.migrations.0001_groups")

INTEGRATOR, ADMINISTRATOR = "Integrator", "Administrator"
SUPPORT, SECURITY_DESK = "Support", "Security desk"
ADDED = {
    "smsproviders.view_routepause": [SUPPORT, SECURITY_DESK, INTEGRATOR, ADMINISTRATOR],
    # Suspected fraud is the security desk's to judge, as a client's lock is.
    "smsproviders.lift_pause": [SECURITY_DESK, ADMINISTRATOR],
    "smsproviders.reset_breaker": [INTEGRATOR, ADMINISTRATOR],
    **dict.fromkeys(
        (f"smsproviders.{act}_smstemplate" for act in ("view", "add", "change", "delete")),
        [INTEGRATOR, ADMINISTRATOR],
    ),
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
        ("backoffice", "0002_list_indexes"),
        # The last that declare a permission named above.
        ("smsproviders", "0006_housekeeping"),
        ("twofa", "0002_send_policy"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
