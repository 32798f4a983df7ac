from django.db import models
from django.utils import timezone


class ClockReading(models.Model):
    """How far an independent clock is from ours, as last compared."""

    class Source(models.TextChoices):
        PROVIDERS = "providers"  # the Date of their answers (RFC 9110, section 6.6.1)
        DATABASE = "database"

    source = models.CharField(primary_key=True, max_length=9, choices=Source)
    # Ours minus theirs.
    offset_ms = models.IntegerField()
    at = models.DateTimeField(default=timezone.now)
    # Since when the difference is too large; null while it is not.
    off_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source}: {self.offset_ms} ms"
