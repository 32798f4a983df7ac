from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7


class Resynchronisation(models.Model):
    """An operator lets a client show two codes in a row, so that we learn the app's clock."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="resynchronisations"
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The authenticator's row: allowed for one seed, not for what replaces it.
    factor_id = models.UUIDField()
    reason = EncryptedTextField(_("reason"))
    ticket = models.CharField(_("ticket"), max_length=50, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("resynchronisation")
        verbose_name_plural = _("resynchronisations")
        ordering = ["-id"]
        default_permissions = ()
        permissions = [
            ("resynchronise_client", _("Can let a client resynchronise the authenticator"))
        ]
        indexes = [
            models.Index(
                fields=["user", "expires_at"], name="resync_unused", condition=Q(used_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
