"""Moving a message on: what its attempts came to, written into its row under its lock."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.common.ready_queries import ReadyQuery, ReadyUpdate
from smsproviders import publishing
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.sending import deciding
from smsproviders.sending.next_step import GiveUp, Hold, Send, Step, Wait, is_taken
from smsproviders.sending.standing import Standing, standing
from smsproviders.signals import message_moved
from smsproviders.vocabulary import FINAL_STATES, MessageState

# A held message looks again this often: its route may have changed.
LONGEST_HOLD = 10.0
# What waits for longer is left to the sweeper: Redis gives a task out again that a worker keeps for
# as long as the visibility timeout.
LONGEST_COUNTDOWN = 30.0

MOMENTS = {
    MessageState.ACCEPTED: ("accepted_at",),
    MessageState.SENT: ("accepted_at", "sent_at"),
    MessageState.DELIVERED: ("accepted_at", "sent_at", "delivered_at"),
}


_locked = ReadyQuery(lambda pk: SmsMessage.objects.filter(pk=pk).select_for_update(), UUID(int=0))
_attempts = ReadyQuery(
    lambda message: SmsAttempt.objects.filter(message=message).order_by("number"), UUID(int=0)
)


def lock(message_id: UUID) -> SmsMessage | None:
    """The message under its lock, which every change of state holds."""
    return next(iter(_locked(message_id)), None)


def attempts_of(message: SmsMessage) -> list[SmsAttempt]:
    attempts = _attempts(message.pk)
    for attempt in attempts:
        attempt.message = message
    return attempts


def release(message: SmsMessage) -> None:
    """End our own lease. Saved by the `move` that follows."""
    message.next_attempt_at = message.lease = None


def move(message: SmsMessage, attempts: Sequence[SmsAttempt], step: Step | None = None) -> None:
    """Save what follows, deciding it unless it is given. The caller holds the message's lock."""
    now = timezone.now()
    if message.finished_at is not None or now >= message.expires_at:
        return close(message, attempts)
    step = step or deciding.decide(message, attempts, now)
    stands = standing(attempts, step, alive=True)
    is_held = isinstance(step, Hold) and bool(step.cause)
    message.held_since = (message.held_since or now) if is_held else None
    if isinstance(step, Send | Hold):
        _schedule(message, step, now)
    elif not isinstance(step, Wait) or any(is_taken(attempt) for attempt in attempts):
        release(message)
    _save(message, stands, now, finished=stands.state in FINAL_STATES)


def close(message: SmsMessage, attempts: Sequence[SmsAttempt] | None = None) -> None:
    """No further send: its life ended, or it was withdrawn. Reports may still move it forward.

    A call that is running becomes an unknown outcome, until its answer is there.
    """
    if attempts is None:
        attempts = attempts_of(message)
    now = timezone.now()
    held_by = message.cause if message.held_since and not attempts else ""
    stands = standing(attempts, GiveUp(held_by), alive=False)
    if not attempts and now < message.expires_at:
        stands = replace(stands, cause="")  # withdrawn: nothing went wrong
    release(message)
    _save(message, stands, now, finished=True)


def _schedule(message: SmsMessage, step: Send | Hold, now: datetime) -> None:
    """Leaves it alone while another worker has it in hand, or when it is due already."""
    if message.next_attempt_at is not None:
        return
    seconds = _wait_of(step, now)
    message.next_attempt_at = now + timedelta(seconds=seconds)
    if seconds > LONGEST_COUNTDOWN:
        message.published_at = None
        return
    message.published_at = message.next_attempt_at
    publishing.publish_on_commit(message, after=seconds)


def _wait_of(step: Send | Hold, now: datetime) -> float:
    """In seconds. Jitter spreads those who would come at the same moment."""
    if isinstance(step, Send):
        return random.uniform(0, step.after) if step.jitter else step.after  # noqa: S311 - as below
    seconds = max(0.0, (step.until - now).total_seconds())
    if not step.cause:
        return seconds
    return min(seconds, LONGEST_HOLD) + random.uniform(0, 1)  # noqa: S311 - no secret


def _save(message: SmsMessage, stands: Standing, now: datetime, *, finished: bool) -> None:
    moved = message.state != stands.state
    message.state, message.cause = stands.state, stands.cause
    for moment in MOMENTS.get(stands.state, ()):
        if getattr(message, moment) is None:
            setattr(message, moment, now)
    if finished:
        message.finished_at = message.finished_at or now
        message.body = ""
        _write_finished(message)
    else:
        _write(message)
    if moved:
        transaction.on_commit(lambda: _tell(message, stands), robust=True)


_CHANGED = {
    "state",
    "cause",
    "next_attempt_at",
    "lease",
    "held_since",
    "in_line_for",
    "published_at",
    "accepted_at",
    "sent_at",
    "delivered_at",
    "finished_at",
}
_write = ReadyUpdate(SmsMessage, _CHANGED)
_write_finished = ReadyUpdate(SmsMessage, {*_CHANGED, "body"})


def _tell(message: SmsMessage, stands: Standing) -> None:
    message_moved.send_robust(
        sender=SmsMessage,
        message_id=message.pk,
        reference=message.reference,
        state=stands.state,
        cause=stands.cause,
    )
