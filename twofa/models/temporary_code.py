from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from twofa.models.factors import Factor
from twofa.vocabulary import FactorKind


class TemporaryCode(Factor):
    """A code that an operator gave out: it signs in once, within the hour, besides the password.

    The row stays when the code is used up: the session was verified by it.
    """

    kind = FactorKind.TEMPORARY
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    digest = models.CharField(max_length=64)
    reason = EncryptedTextField(_("reason"))
    ticket = models.CharField(_("ticket"), max_length=50, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("temporary code")
        verbose_name_plural = _("temporary codes")
        ordering = ["-id"]
        default_permissions = ()
        permissions = [("issue_temporary_code", _("Can give a client a temporary code"))]
        indexes = [models.Index(fields=["user", "-id"], name="temporary_code_by_user")]
