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
    """One link of the chain over the events, in the order of sealing: see `chain.py`.

    No foreign key here either: a seal outlives an event that somebody removed, and tells of it.
    """

    number = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    # Both in hexadecimal: SHA-256 over the event and the link before, HMAC-SHA-256 of that.
    digest = models.CharField(max_length=64)
    key_id = models.CharField(max_length=12)
    signature = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"#{self.number}"


class UnsealedEvent(models.Model):
    """An event that waits for its seal. A trigger writes the row in the event's own transaction.

    So an event that commits late, with an older id than others that are sealed already, is found
    all the same.
    """

    event_id = models.UUIDField(primary_key=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event_id)


class SealingState(models.Model):
    """How sealing fares: one row. What it says is for pages and alerts, and proves nothing."""

    class Trouble(models.TextChoices):
        FAILED = "failed", _("sealing fails")
        EVENT_GONE = "event_gone", _("an event was removed before it was sealed")
        HEAD_UNSIGNED = "head_unsigned", _("the last seal was not made with our key")
        HEAD_CUT = "head_cut", _("the head kept outside knows seals that the log does not have")
        HEAD_UNWRITTEN = "head_unwritten", _("the head cannot be written outside")

    id = models.SmallIntegerField(primary_key=True, default=1)
    ran_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=16, blank=True, choices=Trouble)
    trouble_since = models.DateTimeField(null=True)
    # A digest of the head that was written outside last, and of the address it went to.
    written = models.CharField(max_length=16, blank=True)
    told_trouble = models.CharField(max_length=16, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.trouble or "well"
