"""A client's messages with what became of each: calls, reports, and the code typed or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from smsproviders.models import SmsAttempt, SmsMessage
from twofa.models import Challenge
from twofa.vocabulary import FactorKind

SHOWN = 20


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """One message, and the challenge whose code it carries."""

    message: SmsMessage
    attempts: Sequence[SmsAttempt]  # in their order, each with its reports
    challenge: Challenge

    @property
    def last_attempt(self) -> SmsAttempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def sender(self) -> str:
        return self.last_attempt.sender if self.last_attempt else ""


def messages_of(challenges: Sequence[Challenge]) -> list[MessageFacts]:
    """The newest messages of these challenges; three queries."""
    by_sms = {str(one.pk): one for one in challenges if one.factor == FactorKind.SMS}
    attempts = SmsAttempt.objects.order_by("number").prefetch_related("reports")
    rows = (
        SmsMessage.objects.filter(reference__in=by_sms)
        .defer("body")
        .order_by("-id")
        .prefetch_related(Prefetch("attempts", attempts))[:SHOWN]
    )
    return [
        MessageFacts(
            message=row, attempts=list(row.attempts.all()), challenge=by_sms[row.reference]
        )
        for row in rows
    ]
