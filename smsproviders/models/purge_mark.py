from django.db import models


class PurgeMark(models.Model):
    """How far a purge has come that blanks rows of one kind and does not delete them."""

    part = models.CharField(primary_key=True, max_length=30)
    # Rows with this key or a smaller one are done.
    up_to = models.UUIDField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.part} up to {self.up_to}"
