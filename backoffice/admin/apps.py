from importlib import import_module

from django.contrib.admin.apps import SimpleAdminConfig

# Each registers its pages on the site when it is imported.
# Name a screen here once its module is there: everyone else works in this tree too.
SCREENS: tuple[str, ...] = (
    "clients",
    "tags",
    "users",
    "groups",
    "logs",
    "system_settings",
    "providers",
    "sms_templates",
    "route_pauses",
    "incidents",
    "messages",
)


class AdminConfig(SimpleAdminConfig):
    """Django's admin with our site; what is composed of several apps is registered from here."""

    default_site = "backoffice.admin.site.BackOfficeSite"

    def ready(self) -> None:
        super().ready()
        for screen in SCREENS:
            import_module(f"backoffice.admin.{screen}")
