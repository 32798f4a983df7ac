"""Test messages: a real SMS through one provider, limited, logged, followed to its receipt."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.audit import log
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from smsproviders import accounts, outbox
from smsproviders.log_actions import TEST_SMS_SENT, subject_of
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.policy_keys import TEST_SMS_HOUR
from smsproviders.vocabulary import MessageState

PURPOSE = "test"
LIFE = timedelta(minutes=5)
ARRIVING = frozenset({MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED})


class TooManyTests(Exception):
    """This operator sent as many test messages as an hour allows; `words` say so."""

    def __init__(self, limit: int) -> None:
        self.words = ngettext(
            "You have sent %(limit)d test message within the last hour: wait a while.",
            "You have sent %(limit)d test messages within the last hour: wait a while.",
            limit,
        ) % {"limit": limit}
        super().__init__(self.words)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a test message got. `is_over`: nothing more will happen."""

    message: str
    state: str
    state_words: str
    is_over: bool
    arrives: bool
    cause: str
    error_code: str
    error_words: str
    provider_message_id: str
    duration_ms: int | None
    segments: int | None
    price: Decimal | None
    currency: str
    asked_at: datetime
    accepted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in asdict(self).items()}


def start(provider: SmsProvider, number: str, *, actor: log.Actor) -> SmsMessage:
    """Queue a test message; the provider need not be enabled.

    ValidationError for a number that cannot be one; TooManyTests over the limit, which is logged.
    """
    to = clean_number(number)
    with transaction.atomic():
        _take_turns()
        refused = actor.kind == ActorKind.OPERATOR and _sent_within_the_hour(actor) >= limit()
        message = None if refused else _queue(provider, to)
        log.record(
            TEST_SMS_SENT,
            actor=actor,
            subject=subject_of(provider),
            outcome=Outcome.REFUSED if refused else Outcome.DONE,
            facts={"name": provider.name, "message": str(message.pk) if message else ""},
            personal_details={"number": to},
        )
    if message is None:
        raise TooManyTests(limit())
    return message


def progress(message: SmsMessage) -> Progress:
    """The state as it is in the database now."""
    message.refresh_from_db()
    last = message.attempts.select_related("provider").order_by("-number").first()
    return Progress(
        message=str(message.pk),
        state=message.state,
        state_words=str(MessageState(message.state).label),
        is_over=message.is_final or message.finished_at is not None,
        arrives=message.state in ARRIVING,
        cause=message.cause,
        error_code=last.error_code if last else "",
        error_words=_words_of(last) if last else "",
        provider_message_id=last.provider_message_id if last else "",
        duration_ms=last.duration_ms if last else None,
        segments=last.segments if last else None,
        price=last.price if last else None,
        currency=last.currency if last else "",
        asked_at=message.created_at,
        accepted_at=message.accepted_at,
        sent_at=message.sent_at,
        delivered_at=message.delivered_at,
    )


def _plain(value: Any) -> Any:
    """What JSON knows; an amount as a string, since a float would round it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def limit() -> int:
    return TEST_SMS_HOUR()


def clean_number(number: str) -> str:
    """The number in E.164: spaces, dots and brackets do not matter, the country code does."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise ValidationError(
            {
                "number": [
                    gettext_lazy("Give a number with + and its country code, as +447700900123.")
                ]
            }
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _queue(provider: SmsProvider, number: str) -> SmsMessage:
    # The time makes each text another one: it can be told apart on the phone and at the provider.
    text = _("Test message from %(brand)s at %(time)s UTC. It needs no answer.") % {
        "brand": settings.BRAND_NAME,
        "time": f"{timezone.now():%H:%M:%S}",
    }
    return outbox.queue(
        number=number,
        body=text,
        purpose=PURPOSE,
        expires_at=timezone.now() + LIFE,
        only_provider=provider,
    )


def _take_turns() -> None:
    """One test send after the other, so that no two count the same ones.

    `no_key`: messages that are being sent meanwhile refer to these rows, and must not wait.
    """
    list(SmsProvider.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _sent_within_the_hour(actor: log.Actor) -> int:
    return AuditEvent.objects.filter(
        actor_id=actor.id,
        action=TEST_SMS_SENT.key,
        outcome=Outcome.DONE,
        at__gt=timezone.now() - timedelta(hours=1),
    ).count()


def _words_of(attempt: SmsAttempt) -> str:
    if not attempt.error_code or attempt.provider is None:
        return ""
    return str(accounts.words_for(attempt.provider, attempt.error_code))
