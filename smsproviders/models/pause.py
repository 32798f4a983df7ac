from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.identifiers import uuid7

# The route of what concerns all countries together.
EVERYWHERE = "*"


class RouteScope(models.TextChoices):
    PREFIX = "prefix", _("Prefix")
    COUNTRY = "country", _("Country")
    EVERYWHERE = "all", _("All countries")


class PauseReason(models.TextChoices):
    LOW_CONVERSION = "low_conversion", _("few of its codes are typed")
    FRAUD_HOLD = "fraud_hold", _("a provider suspects fraud")
    SPEND_CAP = "spend_cap", _("the money of the hour is spent")


class RoutePause(models.Model):
    """No codes go to these numbers for a while, but to those where a code was typed before.

    One row each time: what was paused, on what evidence, until when. It is in force until
    `ends_at`, unless an operator lifted it. A spend cap is kept here to be seen and told; it is
    computed anew at each message, and exempts no number.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.CharField(_("scope"), max_length=7, choices=RouteScope)
    # A prefix as in `smsproviders.prefixes`, a country code, or EVERYWHERE.
    route = models.CharField(_("route"), max_length=12)
    country = models.CharField(_("country"), max_length=2, blank=True)
    reason = models.CharField(_("reason"), max_length=14, choices=PauseReason)
    began_at = models.DateTimeField(_("since"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    # When operators were told; null: not yet.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    # The evidence: codes sent and typed; or who refused, with which code; or the money.
    sends = models.PositiveIntegerField(_("sent"), null=True, blank=True)
    typed = models.PositiveIntegerField(_("typed"), null=True, blank=True)
    provider_caption = models.CharField(_("provider"), max_length=100, blank=True)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)
    spent = models.DecimalField(_("spent"), max_digits=14, decimal_places=5, null=True, blank=True)
    cap = models.DecimalField(_("cap"), max_digits=14, decimal_places=5, null=True, blank=True)

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
        """When it ended, or will; codes sent from then on count anew."""
        return self.lifted_at or self.ends_at

    def is_in_force(self, at: datetime) -> bool:
        return at < self.over_from
