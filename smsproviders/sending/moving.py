"""Moving a message on: what its attempts came to, written into its row under its lock."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from smsproviders import publishing, routing
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.sending.next_step import (
    GiveUp,
    Send,
    Step,
    Wait,
    is_taken,
    is_under_way,
    next_step,
)
from smsproviders.sending.standing import Standing, standing
from smsproviders.signals import message_moved
from smsproviders.vocabulary import FINAL_STATES, MessageState

MOMENTS = {
    MessageState.ACCEPTED: ("accepted_at",),
    MessageState.SENT: ("accepted_at", "sent_at"),
    MessageState.DELIVERED: ("accepted_at", "sent_at", "delivered_at"),
}


def lock(**which: Any) -> SmsMessage | None:
    """The message under its lock, which every change of state holds."""
    rows = SmsMessage.objects.select_related("only_provider").select_for_update(of=("self",))
    return rows.filter(**which).first()


def attempts_of(message: SmsMessage) -> list[SmsAttempt]:
    return list(message.attempts.order_by("number"))


def release(message: SmsMessage) -> None:
    """End our own lease. Saved by the `move` that follows."""
    message.next_attempt_at = message.lease = None


def move(message: SmsMessage, attempts: Sequence[SmsAttempt]) -> None:
    """Decide what follows and save it. The caller holds the message's lock."""
    now = timezone.now()
    if message.finished_at is not None or now >= message.expires_at:
        return close(message, attempts)
    step = step_of(message, attempts, now)
    stands = standing(attempts, step, alive=True)
    if isinstance(step, Send):
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
    stands = standing(attempts, GiveUp(), alive=False)
    if not attempts and now < message.expires_at:
        stands = replace(stands, cause="")  # withdrawn: nothing went wrong
    release(message)
    _save(message, stands, now, finished=True)


def step_of(message: SmsMessage, attempts: Sequence[SmsAttempt], now: datetime) -> Step:
    if is_under_way(attempts):
        return Wait()
    route = [provider.pk for provider in routing.route_of(message)]
    return next_step(attempts, route=route, now=now, expires_at=message.expires_at)


def _schedule(message: SmsMessage, step: Send, now: datetime) -> None:
    """Leaves it alone while another worker has it in hand, or when it is due already."""
    if message.next_attempt_at is not None:
        return
    seconds = random.uniform(0, step.after) if step.jitter else step.after  # noqa: S311 - spreads load
    message.next_attempt_at = message.published_at = now + timedelta(seconds=seconds)
    publishing.publish_on_commit(message, after=seconds)


def _save(message: SmsMessage, stands: Standing, now: datetime, *, finished: bool) -> None:
    moved = message.state != stands.state
    message.state, message.cause = stands.state, stands.cause
    for moment in MOMENTS.get(stands.state, ()):
        if getattr(message, moment) is None:
            setattr(message, moment, now)
    if finished:
        message.finished_at = message.finished_at or now
        message.body = ""
    message.save(update_fields=_CHANGED + (["body"] if finished else []))
    if moved:
        transaction.on_commit(lambda: _tell(message, stands), robust=True)


_CHANGED = [
    "state",
    "cause",
    "next_attempt_at",
    "lease",
    "published_at",
    "accepted_at",
    "sent_at",
    "delivered_at",
    "finished_at",
]


def _tell(message: SmsMessage, stands: Standing) -> None:
    message_moved.send_robust(
        sender=SmsMessage,
        message_id=message.pk,
        reference=message.reference,
        state=stands.state,
        cause=stands.cause,
    )
