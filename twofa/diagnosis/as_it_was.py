"""Counters, locks and messages as they were at a moment, from what was written down since.

Rows that keep a history are simply read up to the moment; these do not, and are wound back. What
kept no history at all (providers, worker and queue, settings) is not known of a past moment.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Model

from backoffice.audit.models import AuditEvent, Outcome
from clients.models import User
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState
from twofa import log_actions
from twofa.diagnosis.message_facts import MessageFacts
from twofa.models import Challenge, CodeAttempt, VerificationState
from twofa.policy_keys import BLOCK_TIME
from twofa.vocabulary import CodeOutcome, FactorKind

_CLEARED = frozenset({log_actions.CODE_ACCEPTED.key, log_actions.UNLOCKED.key})


def state_at(
    now: VerificationState,
    *,
    user: User,
    tries: Sequence[CodeAttempt],
    events: Sequence[AuditEvent],
    at: datetime,
) -> VerificationState:
    """`tries` and `events` up to that moment, the newest first."""
    state = VerificationState(user=user, last_factor=now.last_factor)
    state.last_success_at = _first_at(tries, CodeOutcome.ACCEPTED)
    if state.last_success_at is None and now.last_success_at and now.last_success_at <= at:
        state.last_success_at = now.last_success_at
    state.last_failure_at = _first_at(tries, CodeOutcome.INCORRECT)
    was_opened = False
    for event in events:
        if event.action in _CLEARED and event.outcome == Outcome.DONE:
            # The first line ends a wait, and the count goes on.
            if not event.facts.get("timed"):
                break
            was_opened = True
        if event.action == log_actions.CODE_REFUSED.key:
            state.failures = max(state.failures, int(event.facts.get("failures", 0)))
        elif _is_lock(event) and state.locked_until is None and not was_opened:
            _lock(state, event)
    return state


def _first_at(tries: Sequence[CodeAttempt], outcome: CodeOutcome) -> datetime | None:
    return next((row.at for row in tries if row.outcome == outcome), None)


def _is_lock(event: AuditEvent) -> bool:
    """Recovery codes have a lock of their own."""
    of_recovery = event.facts.get("factor") == FactorKind.RECOVERY
    return event.action == log_actions.LOCKED.key and not of_recovery


def _lock(state: VerificationState, event: AuditEvent) -> None:
    state.locked_until = event.at + timedelta(seconds=BLOCK_TIME())
    if event.facts.get("hard"):
        state.hard_locked_at = event.at


def challenge_at(challenge: Challenge, at: datetime) -> Challenge:
    """Not consumed or superseded before it was."""
    _forget_later(challenge, ("consumed_at", "superseded_at"), at)
    return challenge


def message_at(one: MessageFacts, at: datetime) -> MessageFacts:
    """Without the calls and reports that came later, and in the state that it had."""
    _wind_back(one.message, at)
    return replace(
        one,
        attempts=[row for row in one.attempts if row.started_at <= at],
        reports={
            pk: [row for row in rows if row.received_at <= at] for pk, rows in one.reports.items()
        },
    )


def _wind_back(message: SmsMessage, at: datetime) -> None:
    moments = ("accepted_at", "sent_at", "delivered_at", "finished_at", "converted_at")
    if "finished_at" in _forget_later(message, moments, at):
        message.cause = ""
        message.state = _state_by_times(message)


def _forget_later(row: Model, moments: Sequence[str], at: datetime) -> list[str]:
    later = [name for name in moments if (moment := getattr(row, name)) and moment > at]
    for name in later:
        setattr(row, name, None)
    return later


def _state_by_times(message: SmsMessage) -> MessageState:
    if message.delivered_at is not None:
        return MessageState.DELIVERED
    if message.sent_at is not None:
        return MessageState.SENT
    return MessageState.ACCEPTED if message.accepted_at is not None else MessageState.QUEUED
