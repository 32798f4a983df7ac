from django.db import models
from django.utils.translation import gettext_lazy as _


class SpendMinute(models.Model):
    """What the messages of one minute cost, counted by a task: nothing else adds up an hour.

    `country` EVERYWHERE is all of them together. In the currency of System > Settings.
    """

    country = models.CharField(max_length=2, blank=True)
    minute = models.DateTimeField(_("minute"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=5)
    # Messages made from then on are not in it yet.
    counted_to = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["country", "minute"], name="spend_minute_once")
        ]
        indexes = [models.Index(fields=["minute"], name="spend_by_minute")]

    def __str__(self) -> str:
        return f"{self.country} {self.minute:%H:%M} {self.amount}"


class CountryPrice(models.Model):
    """What one message to that country cost lately, as the providers told."""

    country = models.CharField(primary_key=True, max_length=2)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=5)
    told_at = models.DateTimeField(_("told"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.country} {self.price}"
