"""The append-only log of who did what to whom, and why.

No foreign keys: an event outlives what it speaks of, and `SET_NULL` would be a forbidden update.
No name, e-mail, number or address stands in clear: personal details are encrypted with the
subject's own key, and erasing a person deletes that key while the chain over the ciphertext stays
whole.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.encrypted_field import EncryptedTextField
from backoffice.common.identifiers import uuid7


class ActorKind(models.TextChoices):
    OPERATOR = "operator", _("operator")
    CLIENT = "client", _("client")
    ANYONE = "anyone", _("not signed in")
    COMMAND = "command", _("command line")
    SYSTEM = "system", _("the system itself")


class Outcome(models.TextChoices):
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("refused")


class AuditEvent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    action = models.CharField(_("action"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    actor_kind = models.CharField(_("actor kind"), max_length=8, choices=ActorKind)
    actor_id = models.CharField(_("actor"), max_length=64, blank=True)
    subject = models.CharField(_("subject"), max_length=96, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    # JSON of reason, address and other personal details under the subject's key; see `personal.py`.
    personal = models.TextField(_("personal details"), blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            # Partial: what failed or was refused is rare, and what Logs is asked for.
            models.Index(
                fields=["outcome", "-id"],
                name="audit_not_done",
                condition=~models.Q(outcome="done"),
            ),
            models.Index(
                fields=["request_id", "-id"],
                name="audit_by_request",
                condition=~models.Q(request_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.subject}"


class SubjectKey(models.Model):
    """The key of one subject's personal details. Deleting the row erases them all at once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.CharField(max_length=96, unique=True)
    key = EncryptedTextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.subject


class AuditSeal(models.Model):
    """One link of the chain over the events, in the order of sealing. Written by governance."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField(default=timezone.now, editable=False)
    event_ids = models.JSONField()
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"#{self.number}"
