from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "backoffice.audit"
    label = "audit"
    verbose_name = _("Logs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice.audit import checks  # noqa: F401  (registers the checks)
        from backoffice.audit.roles import grant_application_role

        post_migrate.connect(grant_application_role, sender=self)
