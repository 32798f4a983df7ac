from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7


class SandboxMessage(models.Model):
    """An SMS on the developer's phone page. Written only by the sandbox backend, with DEBUG."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=16)
    sender = models.CharField(max_length=50, blank=True)
    body = EncryptedTextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sandbox message")
        verbose_name_plural = _("sandbox messages")
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.id)
