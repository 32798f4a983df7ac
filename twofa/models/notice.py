from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7


class NoticeState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Notice(models.Model):
    """One e-mail we want sent to somebody: an outbox row, as durable as a code's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    # Both encrypted: an address, and JSON of what the text needs.
    to = EncryptedTextField()
    context = EncryptedTextField(blank=True)
    state = models.CharField(max_length=6, choices=NoticeState, default=NoticeState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    next_try_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["next_try_at"], name="notice_unfinished", condition=Q(finished_at=None)
            ),
            models.Index(fields=["user", "-id"], name="notice_by_user"),
        ]

    def __str__(self) -> str:
        return self.kind
