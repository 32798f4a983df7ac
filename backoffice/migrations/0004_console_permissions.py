"""What the operators' console adds to the five groups: permissions named after its acts."""

from importlib import import_module

from django.db import migrations

groups = import_module("backoffice.migrations.0001_groups")

INTEGRATOR, ADMINISTRATOR = "Integrator", "Administrator"
SUPPORT, SECURITY_DESK = "Support", "Security desk"
ADDED = {
    # The same code to the same confirmed number, within the client's own limits.
    "smsproviders.resend_smsmessage": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    "twofa.identify_caller": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    "twofa.resynchronise_client": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    "twofa.send_test_message": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    "twofa.view_deskrequest": [SUPPORT, SECURITY_DESK, ADMINISTRATOR],
    # The first line's: of an identified caller, so many a day.
    "twofa.unlock_timed": [SUPPORT, ADMINISTRATOR],
    "twofa.ask_security_desk": [SUPPORT, ADMINISTRATOR],
    "twofa.issue_temporary_code": [SECURITY_DESK, ADMINISTRATOR],
    **dict.fromkeys(
        ("smsproviders.view_incident", "smsproviders.note_incident"),
        [SUPPORT, SECURITY_DESK, INTEGRATOR, ADMINISTRATOR],
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
        ("backoffice", "0003_engine_permissions"),
        # The last that declare a permission named above.
        ("smsproviders", "0009_incidents"),
        ("twofa", "0005_caller"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
