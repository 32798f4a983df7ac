"""Deploy checks of the log: it is only as strong as the role that may not change it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register


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


@register(Tags.security, deploy=True)
def a_key_of_its_own(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if settings.AUDIT_KEY not in settings.DATA_KEYS:
        return []
    hint = "Make another one. Who learns a data key must not be able to seal a log of his own."
    return [Error("AUDIT_KEY is one of DATA_KEYS.", hint=hint, id="audit.E002")]


@register(Tags.security, deploy=True)
def a_head_outside(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if settings.AUDIT_HEAD_URL:
        return []
    hint = (
        "Name a place that the database's administrators cannot write to. Without it nobody can "
        "tell that the newest events were removed together with their seals."
    )
    return [Info("AUDIT_HEAD_URL is empty.", hint=hint, id="audit.I001")]
