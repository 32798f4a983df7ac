from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smsproviders.models.provider import SmsProvider
from smsproviders.vocabulary import BreakerState

# The country of the breaker that concerns the whole account.
EVERY_COUNTRY = "*"


class Breaker(models.Model):
    """How a provider fares towards one country. Without a row all is well: most never get one."""

    provider = models.ForeignKey(SmsProvider, on_delete=models.CASCADE, related_name="breakers")
    # As of the message: "" for a number of no country; EVERY_COUNTRY.
    country = models.CharField(_("country"), max_length=2, blank=True)
    # Null: closed.
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    # How long it is open this time.
    open_seconds = models.PositiveSmallIntegerField(default=0)
    # When the next probe may be made; while one is under way: when that one is given up.
    probe_at = models.DateTimeField(_("next probe"), null=True, blank=True)
    # The attempt that is the probe under way.
    probe = models.UUIDField(null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)
    # Calls begun before are forgiven: it was closed, or reset, then.
    judged_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("breaker")
        verbose_name_plural = _("breakers")
        ordering = ["country"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["provider", "country"], name="breaker_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.country or '-'}: {self.state.label}"

    @property
    def state(self) -> BreakerState:
        if self.opened_at is None:
            return BreakerState.CLOSED
        under_way = self.probe is not None and self.probe_at and self.probe_at > timezone.now()
        return BreakerState.PROBING if under_way else BreakerState.OPEN
