"""Links to choose a password by, and who asked for one. Named in `clients.models`."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7


class LinkPurpose(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    RESET = "reset", _("Password reset")


class PasswordLink(models.Model):
    """A link that was sent by e-mail. The token itself is kept nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_links"
    )
    purpose = models.CharField(max_length=10, choices=LinkPurpose)
    token_digest = models.CharField(max_length=64, unique=True)
    # Of the account as it was: with another password, address or sign-in the link is dead.
    stamp = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("password link")
        verbose_name_plural = _("password links")
        default_permissions = ()
        indexes = [models.Index(fields=["user", "purpose", "-at"], name="password_link_by_user")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.user_id}"


class ResetRequest(models.Model):
    """Somebody typed an e-mail address to reset its password, one of an account or not.

    An outbox row: the page writes it, a worker looks whose address it is. `asked` is JSON of the
    address typed and of who asked, encrypted, and blank when it is done.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.GenericIPAddressField(null=True)
    asked = EncryptedTextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("password reset request")
        verbose_name_plural = _("password reset requests")
        default_permissions = ()
        indexes = [
            models.Index(fields=["network", "-at"], name="reset_request_by_network"),
            models.Index(fields=["at"], name="reset_request_waiting", condition=Q(handled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
