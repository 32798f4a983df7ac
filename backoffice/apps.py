from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import brand, checks  # noqa: F401  (registers a setting, and the checks)
        from backoffice.alerts import callers, lost_devices

        callers.connect()
        lost_devices.connect()
