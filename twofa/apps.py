from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TwoFactorConfig(AppConfig):
    name = "twofa"
    verbose_name = _("Two-factor authentication")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from smsproviders.signals import message_moved
        from twofa import policy_keys, retention_keys, texts  # noqa: F401  (declare settings, texts)
        from twofa.message_news import on_message_moved

        message_moved.connect(on_message_moved, dispatch_uid="twofa")
