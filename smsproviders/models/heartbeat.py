from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """When a part of the sending machinery was last seen alive.

    In the database and not in Redis: the question is asked most when Redis is down, and a page
    that asks must not wait for it.
    """

    class Part(models.TextChoices):
        WORKER = "worker"  # written by each worker that consumes codes, by itself
        BEAT = "beat"  # written by a task: beat, broker and a free worker thread at once

    part = models.CharField(primary_key=True, max_length=6, choices=Part)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.part}: {self.at:%H:%M:%S}"
