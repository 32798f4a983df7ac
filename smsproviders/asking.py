"""Asking providers for the states of messages whose reports do not come.

First after half a minute, or within seconds where the provider cannot call us back; then ever more
seldom, until the code's life is over.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from smsproviders import bulkheads, publishing, report_evidence, reports
from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.contract import Deadline, Report, SmsBackend
from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import TERMINAL_PROGRESS, Decision

CALL_SECONDS = 5.0
AT_LEAST = timedelta(seconds=3)
AFTER_CALLBACKS = timedelta(seconds=30)
AT_ONCE = 200

logger = logging.getLogger(__name__)


def plan_first(
    attempt: SmsAttempt, *, calls_back: bool, after: timedelta | None = SmsBackend.ask_after
) -> None:
    """Sets when to ask first, on an attempt that the caller saves.

    `after` is the backend's `ask_after`.
    """
    if after is None:
        return
    open_ended = attempt.decision in {Decision.DONE, Decision.AMBIGUOUS}
    if open_ended and attempt.progress not in TERMINAL_PROGRESS:
        attempt.ask_at = timezone.now() + (AFTER_CALLBACKS if calls_back else after)


def hand_out() -> int:
    """Put a task for each attempt that is due into the queue; the number of them."""
    now = timezone.now()
    due = SmsAttempt.objects.filter(ask_at__lte=now).select_related("message")
    count = 0
    for attempt in due.order_by("ask_at")[:AT_ONCE]:
        following = _following(attempt, now)
        # Conditional: of two sweeps at once, one hands it out.
        mine = SmsAttempt.objects.filter(pk=attempt.pk, ask_at=attempt.ask_at)
        if mine.update(ask_at=following) and publishing.put("ask", attempt.pk, expires=60):
            count += 1
    return count


def _following(attempt: SmsAttempt, now: datetime) -> datetime | None:
    """Each wait is half as long as all before; the last question comes when the life ended."""
    if now >= attempt.message.expires_at:
        return None
    later = now + max(AT_LEAST, (now - attempt.started_at) / 2)
    return min(later, max(attempt.message.expires_at, now + AT_LEAST))


def ask_by_id(attempt_id: UUID) -> None:
    """Nothing is asked any more when a final report came meanwhile."""
    attempts = SmsAttempt.objects.exclude(progress__in=TERMINAL_PROGRESS)
    attempt = attempts.select_related("message", "provider").filter(pk=attempt_id).first()
    # Left out where the provider has its share of threads already: it is asked again later.
    if attempt is None or attempt.provider_id is None:
        return
    if bulkheads.enter(attempt.provider_id, limited=True) is None:
        try:
            ask(attempt)
        finally:
            bulkheads.leave()


def ask(attempt: SmsAttempt, *, within: float = CALL_SECONDS) -> None:
    """Take in what the provider knows of the attempt, where its API can be asked.

    Never raises for what a provider or its backend does: an answer that fails to come must not keep
    the message from being sent once more.
    """
    provider = attempt.provider
    if provider is None:
        return
    try:
        backend = backend_for(provider)
        report = _answer(backend, attempt, Deadline.after(within))
    except ProviderUnusable:
        return
    except Exception as error:  # noqa: BLE001 - see above; the text may quote the number
        logger.error("a question failed", extra={"error": type(error).__name__})
        return
    if report is not None:
        reports.receive(provider, [replace(report, attempt_id=attempt.pk)], asked_for=True)
        if backend.calls_back and report.progress in TERMINAL_PROGRESS:
            report_evidence.note_missed(attempt)


def _answer(backend: SmsBackend, attempt: SmsAttempt, deadline: Deadline) -> Report | None:
    """By the provider's id; without one by number and text, unless the text is blanked."""
    if attempt.provider_message_id:
        return backend.lookup(attempt.provider_message_id, deadline=deadline)
    message = attempt.message
    if not message.body:
        return None
    return backend.find(
        message.number, since=attempt.started_at, body=message.body, deadline=deadline
    )
