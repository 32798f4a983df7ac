"""Deploy checks of the log: it is only as strong as the role that may not change it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def two_roles(app_configs: Any, **_: Any) -> list[CheckMessage]:
    owner = settings.DATABASE_OWNER.get("USER")
    application = settings.DATABASES["default"].get("USER")
    if owner and application and owner != application:
        return []
    return [
        Error(
            "The application and the migrations use the same database role.",
            hint="Name the role that owns the tables in DATABASE_MIGRATION_URL, and another, "
            "weaker one in DATABASE_URL: it may then not change the log.",
            id="audit.E001",
        )
    ]
