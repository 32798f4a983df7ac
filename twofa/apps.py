from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TwoFactorConfig(AppConfig):
    name = "twofa"
    verbose_name = _("Two-factor authentication")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clients.signals import invited, sessions_end
        from smsproviders.signals import message_moved
        from twofa import policy_keys, retention_keys, texts  # noqa: F401  (declare settings, texts)
        from twofa.message_news import on_message_moved
        from twofa.password_mails import on_invited
        from twofa.trust_ends import on_sessions_end

        sessions_end.connect(on_sessions_end, dispatch_uid="twofa")
        invited.connect(on_invited, dispatch_uid="twofa")
        message_moved.connect(on_message_moved, dispatch_uid="twofa")
