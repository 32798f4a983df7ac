from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SmsTemplate(models.Model):
    """An operator's own text for one purpose in one language. Without a row the built-in one holds.

    Changed by `smsproviders.template_changes` only, which logs it.
    """

    purpose = models.CharField(_("purpose"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    # Who, as the log names an actor; opaque here, "" for the command line.
    changed_by = models.CharField(max_length=64, blank=True)
    # Since when it could not be used, as found by sending; null: it is used.
    skipped_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("SMS template")
        verbose_name_plural = _("SMS templates")
        ordering = ["purpose", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "language"], name="template_purpose_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} ({self.language})"
