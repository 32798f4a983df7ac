from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks  # noqa: F401  (registers the checks)
        from backoffice.alerts import callers

        callers.connect()
