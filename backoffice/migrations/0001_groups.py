"""The five groups of operators, with permissions named after acts. Each sees its own part only."""

from django.db import migrations

SUPPORT = [
    "clients.view_client",
    "clients.view_tag",
    "clients.view_usersession",
    "twofa.diagnose_client",
    "twofa.view_reset",
    "smsproviders.view_smsmessage",
]
SECURITY_DESK = [
    *SUPPORT,
    "clients.block_client",
    "clients.end_sessions",
    "twofa.disable_factor",
    "twofa.unlock_client",
]
INTEGRATOR = [
    "smsproviders.view_smsprovider",
    "smsproviders.add_smsprovider",
    "smsproviders.change_smsprovider",
    "smsproviders.check_smsprovider",
    "smsproviders.send_test_sms",
    "smsproviders.view_providercheck",
    "smsproviders.view_smsmessage",
]
AUDITOR = [
    "audit.view_auditevent",
    "audit.view_auditseal",
]
ADMINISTRATOR = [
    *SECURITY_DESK,
    *INTEGRATOR,
    *AUDITOR,
    "clients.change_client",
    "clients.change_contact",
    "clients.export_clients",
    "clients.add_tag",
    "clients.change_tag",
    "clients.delete_tag",
    "clients.view_user",
    "clients.change_user",
    "auth.view_group",
    "auth.add_group",
    "auth.change_group",
    "auth.delete_group",
    "policy.view_systemsetting",
    "policy.change_systemsetting",
    "smsproviders.delete_smsprovider",
]
GROUPS = {
    "Support": SUPPORT,
    "Security desk": SECURITY_DESK,
    "Integrator": INTEGRATOR,
    "Auditor": AUDITOR,
    "Administrator": ADMINISTRATOR,
}


def make_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, permissions in GROUPS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*[permission(apps, label) for label in dict.fromkeys(permissions)])


def permission(apps, label):
    """Permissions are made after all migrations, too late for a group: made here, as then."""
    app_label, codename = label.split(".")
    for model in apps.get_app_config(app_label).get_models():
        words = declared(model._meta).get(codename)
        if words:
            content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
                app_label=app_label, model=model._meta.model_name
            )
            found, _created = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": words}
            )
            return found
    raise LookupError(f"no model declares the permission {label}")


def declared(opts):
    made = {
        f"{act}_{opts.model_name}": f"Can {act} {opts.verbose_name_raw}"
        for act in opts.default_permissions
    }
    return {**made, **{codename: str(words) for codename, words in opts.permissions}}


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("audit", "0001_initial"),
        ("policy", "0001_initial"),
        ("clients", "0001_initial"),
        ("smsproviders", "0001_initial"),
        ("twofa", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
