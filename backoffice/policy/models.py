from django.db import models
from django.utils.translation import gettext_lazy as _


class SystemSetting(models.Model):
    """A setting that was changed. What was never changed has no row: defaults live in code."""

    key = models.CharField(_("key"), max_length=64, primary_key=True)
    value = models.JSONField(_("value"))
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return self.key
