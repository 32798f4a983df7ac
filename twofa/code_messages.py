"""Queueing the message with a challenge's code, and entering it in the ledger."""

from smsproviders import outbox
from smsproviders.models import SmsMessage, SmsProvider
from twofa import texts
from twofa.models import Challenge, SendRequest
from twofa.vocabulary import SendOutcome


def send(
    challenge: Challenge,
    request: SendRequest,
    *,
    again: SmsMessage | None = None,
    by: SmsProvider | None = None,
) -> SmsMessage:
    """`request` is not saved yet. The caller holds the turn, and has asked the limits.

    `again`: the message that it repeats. `by`: this provider alone; None: the route decides.
    """
    reference = str(challenge.pk)
    # What an earlier request left unsent (the broker was down) must not arrive a second time.
    outbox.withdraw(reference)
    message = outbox.queue(
        number=request.number,
        body=texts.sms_body(
            challenge.code,
            purpose=challenge.purpose,
            language=texts.language_of(challenge.user),
        ),
        purpose=challenge.purpose,
        expires_at=challenge.expires_at,
        reference=reference,
        country=request.country,
        only_provider=by,
        resent_from=again,
    )
    challenge.sends += 1
    challenge.last_sent_at = request.at
    challenge.save(update_fields=["sends", "last_sent_at"])
    request.challenge, request.outcome = challenge, SendOutcome.QUEUED
    request.message_id = message.pk
    request.save(force_insert=True)
    return message
