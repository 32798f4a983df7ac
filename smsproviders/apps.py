from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SmsProvidersConfig(AppConfig):
    name = "smsproviders"
    verbose_name = _("SMS")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # For what they register: settings, kinds of events, system checks of the API addresses.
        from smsproviders import log_actions, policy_keys, retention_keys  # noqa: F401 - see above
        from smsproviders.backends import twilio, vonage  # noqa: F401 - see above
