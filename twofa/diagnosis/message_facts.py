"""A client's messages with what became of each: calls, reports, and the code typed or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import QuerySet

from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage
from twofa.models import Challenge
from twofa.vocabulary import FactorKind

SHOWN = 20
# Neither the text nor raw answers are read: nothing here shows them.
_UNREAD = frozenset({"body", "answer", "payload"})


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """One message, and the challenge whose code it carries."""

    message: SmsMessage
    attempts: Sequence[SmsAttempt]  # in their order
    challenge: Challenge
    reports: Mapping[UUID, Sequence[DeliveryReport]] = field(default_factory=dict)

    @property
    def last_attempt(self) -> SmsAttempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def sender(self) -> str:
        return self.last_attempt.sender if self.last_attempt else ""

    def reports_of(self, attempt: SmsAttempt) -> Sequence[DeliveryReport]:
        return self.reports.get(attempt.pk, ())


def messages_of(challenges: Sequence[Challenge]) -> list[MessageFacts]:
    """The newest messages of these challenges, the newest first; one query."""
    by_sms = {str(one.pk): one for one in challenges if one.factor == FactorKind.SMS}
    found: dict[UUID, _Story] = {}
    for message, attempt, report in map(_split, _joined(list(by_sms))):
        story = found.setdefault(message.pk, _Story(message))
        if attempt is not None:
            story.attempts.setdefault(attempt.pk, attempt)
        if report is not None:
            story.reports.setdefault(report.attempt_id, []).append(report)
    return [
        MessageFacts(
            one.message, [*one.attempts.values()], by_sms[one.message.reference], one.reports
        )
        for one in found.values()
    ]


@dataclass(slots=True)
class _Story:
    message: SmsMessage
    attempts: dict[UUID, SmsAttempt] = field(default_factory=dict)
    reports: dict[UUID, list[DeliveryReport]] = field(default_factory=dict)


def _joined(references: Sequence[str]) -> QuerySet[Any, tuple[Any, ...]]:
    """A message with its calls and their reports, side by side: three tables, one question."""
    newest = SmsMessage.objects.filter(reference__in=references).order_by("-id")
    rows = SmsMessage.objects.filter(pk__in=newest.values("pk")[:SHOWN])
    columns: QuerySet[Any, tuple[Any, ...]] = rows.order_by(
        "-id", "attempts__number", "attempts__reports__id"
    ).values_list(
        *_columns(SmsMessage),
        *(f"attempts__{name}" for name in _columns(SmsAttempt)),
        *(f"attempts__reports__{name}" for name in _columns(DeliveryReport)),
    )
    return columns


def _split(row: Sequence[Any]) -> tuple[SmsMessage, SmsAttempt | None, DeliveryReport | None]:
    first = len(_columns(SmsMessage))
    second = first + len(_columns(SmsAttempt))
    return (
        _made(SmsMessage, row[:first]),
        _made(SmsAttempt, row[first:second]),
        _made(DeliveryReport, row[second:]),
    )


def _columns(model: type[models.Model]) -> list[str]:
    return [one.attname for one in model._meta.concrete_fields if one.attname not in _UNREAD]


def _made(model: Any, values: Sequence[Any]) -> Any:
    """None where the join found nothing."""
    return model.from_db(DEFAULT_DB_ALIAS, _columns(model), values) if values[0] else None
