"""Histories of messages in bulk, whole rows as sending leaves them behind."""

from datetime import datetime, timedelta

from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from clients.models import Client
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState, Progress
from tests.twofa.people import BINDING, NUMBER
from twofa import log_actions
from twofa.models import Challenge, CodeAttempt, SendRequest
from twofa.references import random_word
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose, SendOutcome

# More of each than a page reads.
MARKED = 100


def of_messages(client: Client, provider: SmsProvider, count: int, *, until: datetime) -> None:
    """So many codes to one client, a second apart, delivered and never typed."""
    moments = [until - timedelta(seconds=number) for number in reversed(range(count))]
    challenges = [_challenge(client, at) for at in moments]
    messages = [_message(one) for one in challenges]
    attempts = [_attempt(one, provider) for one in messages]
    Challenge.objects.bulk_create(challenges)
    SmsMessage.objects.bulk_create(messages)
    SmsAttempt.objects.bulk_create(attempts)
    DeliveryReport.objects.bulk_create(
        DeliveryReport(
            attempt=one,
            received_at=one.started_at,
            raw_status="delivered",
            progress=Progress.DELIVERED,
        )
        for one in attempts
    )
    newest = challenges[-MARKED:]
    SendRequest.objects.bulk_create(
        SendRequest(user=client.user, challenge=one, at=one.created_at, outcome=SendOutcome.QUEUED)
        for one in newest
    )
    CodeAttempt.objects.bulk_create(
        CodeAttempt(
            user=client.user,
            challenge=one,
            factor=FactorKind.SMS,
            purpose=Purpose.SIGN_IN,
            at=one.created_at,
            outcome=CodeOutcome.INCORRECT,
        )
        for one in newest
    )
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=one.created_at,
            action=log_actions.CODE_SENT.key,
            outcome=Outcome.DONE,
            actor_kind=ActorKind.CLIENT,
            subject=log_actions.subject(client.user),
        )
        for one in newest
    )


def _challenge(client: Client, at: datetime) -> Challenge:
    return Challenge(
        public_reference=random_word(8),
        user=client.user,
        factor=FactorKind.SMS,
        purpose=Purpose.SIGN_IN,
        binding=BINDING,
        number=NUMBER,
        created_at=at,
        expires_at=at + timedelta(minutes=5),
        superseded_at=at,
    )


def _message(challenge: Challenge) -> SmsMessage:
    at = challenge.created_at
    return SmsMessage(
        number=challenge.number,
        country="FR",
        purpose=challenge.purpose,
        reference=str(challenge.pk),
        state=MessageState.DELIVERED,
        created_at=at,
        expires_at=challenge.expires_at,
        next_attempt_at=None,
        accepted_at=at,
        sent_at=at,
        delivered_at=at,
        finished_at=at,
    )


def _attempt(message: SmsMessage, provider: SmsProvider) -> SmsAttempt:
    return SmsAttempt(
        message=message,
        provider=provider,
        provider_caption=provider.caption,
        country=message.country,
        number=1,
        started_at=message.created_at,
        decision=Decision.DONE,
        progress=Progress.DELIVERED,
        error_code="",
    )
