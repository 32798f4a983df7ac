"""The way of one task: claim, ask if need be, call, note the answer."""

import time
from uuid import UUID

from django.db import connection, transaction

from backoffice.common.ready_queries import ReadyUpdate
from smsproviders import asking, bulkheads, claiming, judging, pauses
from smsproviders.contract import SendResult
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.sending import calling, moving, outcomes, turns

LONG_CALL_MS = 1000

_write = ReadyUpdate(SmsAttempt)


def deliver(message_id: UUID) -> None:
    """Send the message if it is due and nobody else has it; then note what came of it.

    Delivering the same task twice, or late, is harmless.
    """
    try:
        _deliver(message_id)
    finally:
        bulkheads.leave()


def _deliver(message_id: UUID) -> None:
    with transaction.atomic():
        held = claiming.claim(message_id)
        turn = turns.begin(held) if held else None
    if isinstance(turn, turns.Question) and held:
        asking.ask(turn.attempt, within=turns.QUESTION_SECONDS)
        with transaction.atomic():
            held = claiming.renew(held)
            turn = turns.begin(held, asked=True) if held else None
    if isinstance(turn, calling.Call) and held:
        time.sleep(turn.after)
        result, milliseconds = calling.call(turn)
        bulkheads.leave()
        _look_after_the_connection(milliseconds)
        record(held, turn, result, milliseconds)


def _look_after_the_connection(milliseconds: int) -> None:
    """In a call that took long the database may have been restarted: the answer is not lost."""
    if milliseconds > LONG_CALL_MS and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def record(held: SmsMessage, made: calling.Call, result: SendResult, milliseconds: int) -> None:
    """The answer belongs to its attempt even when the lease was lost meanwhile.

    It then tells what came of an attempt that passed for unknown. The message is another worker's
    in that case: only its own holder releases a lease.
    """
    with transaction.atomic():
        message = moving.lock(held.pk)
        if message is None:
            return
        attempts = moving.attempts_of(message)
        attempt = next(one for one in attempts if one.pk == made.sms.attempt_id)
        outcomes.take_answer(attempt, result, duration_ms=milliseconds)
        calls_back = bool(made.sms.callback_url)
        asking.plan_first(attempt, calls_back=calls_back, after=made.backend.ask_after)
        _write(attempt)
        if result.verdict.hold_prefix:
            pauses.hold(message, attempt)
        if message.lease == held.lease:
            moving.release(message)
        moving.move(message, attempts)
    judging.answered(attempt, result.verdict, in_spite=made.in_spite)
