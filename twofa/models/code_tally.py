from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CodeTally(models.Model):
    """Ten minutes of codes in numbers: what the dashboard is added up from.

    Counted again and again while it may still change, so that no page counts codes or messages,
    however many there are. What each number means says `twofa.code_tallying`.
    """

    began_at = models.DateTimeField(_("began"), unique=True)
    counted_at = models.DateTimeField(default=timezone.now)
    asked = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    typed = models.PositiveIntegerField(default=0)
    # Histograms: how many by the number of the bucket, as `smsproviders.latencies` has them.
    until_taken = models.JSONField(default=dict)
    until_delivered = models.JSONField(default=dict)
    until_typed = models.JSONField(default=dict)
    # How many by outcome, by cause, and by factor and outcome (`sms:incorrect`).
    refused = models.JSONField(default=dict)
    causes = models.JSONField(default=dict)
    tries = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"
