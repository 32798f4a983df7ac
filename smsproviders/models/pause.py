from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.identifiers import uuid7


class RouteScope(models.TextChoices):
    PREFIX = "prefix", _("Prefix")
    COUNTRY = "country", _("Country")


class PauseReason(models.TextChoices):
    LOW_CONVERSION = "low_conversion", _("few of its codes are typed")
    FRAUD_HOLD = "fraud_hold", _("a provider suspects fraud")


class RoutePause(models.Model):
    """No codes go to these numbers for a while, but to those where a code was typed before.

    One row each time: what was paused, on what evidence, until when. It is in force until
    `ends_at`, unless an operator lifted it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.CharField(_("scope"), max_length=7, choices=RouteScope)
    # A prefix as in `smsproviders.prefixes`, or a country code.
    route = models.CharField(_("route"), max_length=12)
    country = models.CharField(_("country"), max_length=2, blank=True)
    reason = models.CharField(_("reason"), max_length=14, choices=PauseReason)
    began_at = models.DateTimeField(_("since"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    # The evidence: codes sent and typed, or who refused with which code.
    sends = models.PositiveIntegerField(_("sent"), null=True, blank=True)
    typed = models.PositiveIntegerField(_("typed"), null=True, blank=True)
    provider_caption = models.CharField(_("provider"), max_length=100, blank=True)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("paused route")
        verbose_name_plural = _("paused routes")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("lift_pause", _("Can lift the pause of a route"))]
        indexes = [models.Index(fields=["route", "-ends_at"], name="pause_by_route")]

    def __str__(self) -> str:
        return f"{self.route} {self.reason}"

    @property
    def over_from(self) -> datetime:
        """When it ended or will; from then on messages count anew."""
        return self.lifted_at or self.ends_at
