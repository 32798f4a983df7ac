"""Messages in the outbox, for tests of sending."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from smsproviders import outbox
from smsproviders.models import SmsMessage
from smsproviders.sending.delivering import deliver
from tests.smsproviders.outgoing import PHONE, TEXT


def queue(*, lives: float = 300, **changes: Any) -> SmsMessage:
    """`lives`: seconds."""
    fields = {"number": PHONE, "body": TEXT, "purpose": "sign_in", "reference": "challenge-1"}
    expires_at = timezone.now() + timedelta(seconds=lives)
    return outbox.queue(**{**fields, "expires_at": expires_at, **changes})


def deliver_now(message: SmsMessage) -> SmsMessage:
    """As a worker would once the wait is over, if there is one."""
    due = SmsMessage.objects.filter(pk=message.pk, next_attempt_at__isnull=False)
    due.update(next_attempt_at=timezone.now())
    deliver(message.pk)
    message.refresh_from_db()
    return message


def outcomes_of(message: SmsMessage) -> list[tuple[str, str]]:
    """Each attempt's provider and decision."""
    return list(message.attempts.order_by("number").values_list("provider_caption", "decision"))
