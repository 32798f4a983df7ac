"""Queueing the message with a challenge's code, and entering it in the ledger."""

from backoffice.common.ready_queries import ReadyInsert, ReadyUpdate
from smsproviders import outbox
from smsproviders.models import SmsMessage, SmsProvider
from twofa import texts
from twofa.models import Challenge, SendRequest
from twofa.vocabulary import SendOutcome

_insert = ReadyInsert(SendRequest)
_write_sends = ReadyUpdate(Challenge, {"sends", "last_sent_at"})


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
    _write_sends(challenge)
    request.challenge, request.outcome = challenge, SendOutcome.QUEUED
    request.message_id = message.pk
    _insert(request)
    return message
