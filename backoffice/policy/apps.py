from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "backoffice.policy"
    label = "policy"
    verbose_name = _("Settings")
    default_auto_field = "django.db.models.BigAutoField"
