"""What providers tell later: stored once, applied forward only, in whatever order it comes."""

import logging
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from smsproviders import judging, pauses
from smsproviders.contract import Report
from smsproviders.models import DeliveryReport, SmsAttempt, SmsProvider
from smsproviders.sending import moving, outcomes
from smsproviders.vocabulary import TERMINAL_PROGRESS

logger = logging.getLogger(__name__)


def receive(provider: SmsProvider, reports: Iterable[Report], *, asked_for: bool) -> None:
    """Store each report and move its message on. `asked_for`: we asked, it was no callback.

    The attempt is found by the id in the report (our callback address carries it, so a report may
    come before the answer to the call), else by the provider's own id. A report of no attempt of
    this provider changes nothing and raises nothing; a replay neither.
    """
    for report in reports:
        attempt = _attempt_of(provider, report)
        if attempt is None:
            logger.info("a report of no message of ours", extra={"provider": provider.name})
            continue
        with transaction.atomic():
            _take_in(attempt, report, asked_for=asked_for)


def _attempt_of(provider: SmsProvider, report: Report) -> SmsAttempt | None:
    """Its id alone decides where it is given, unless another attempt has that provider's id."""
    attempts = SmsAttempt.objects.filter(provider=provider)
    theirs = report.provider_message_id
    by_theirs = attempts.filter(provider_message_id=theirs).first() if theirs else None
    if report.attempt_id is None:
        return by_theirs
    if by_theirs is not None:
        return by_theirs if by_theirs.pk == report.attempt_id else None
    found = attempts.filter(pk=report.attempt_id).first()
    # Of another part of the same text, say: stored, it would hide an equal report that counts.
    is_other = found and theirs and found.provider_message_id not in {"", theirs}
    return None if is_other else found


def _take_in(found: SmsAttempt, report: Report, *, asked_for: bool) -> None:
    message = moving.lock(found.message_id)
    if message is None:
        return
    attempts = moving.attempts_of(message)
    attempt = next(one for one in attempts if one.pk == found.pk)
    if not _store(attempt, report, asked_for=asked_for):
        return
    before, counted = attempt.progress, attempt.counts_for_breaker
    if not outcomes.take_report(attempt, report):
        return
    if attempt.progress in TERMINAL_PROGRESS:
        attempt.ask_at = None
    attempt.save()
    if report.verdict is not None and not counted:
        news = partial(judging.reported, attempt, report.verdict)
        transaction.on_commit(news, robust=True)
    if attempt.progress != before:
        if report.verdict is not None and report.verdict.hold_prefix:
            pauses.hold(message, attempt)
        moving.move(message, attempts)


def _store(attempt: SmsAttempt, report: Report, *, asked_for: bool) -> bool:
    """Whether it is new. Under the message's lock, so that two equal ones cannot both be."""
    same = attempt.reports.filter(raw_status=report.raw_status, error_code=report.error_code)
    if known := same.first():
        if known.asked_for and not asked_for:
            # The callback came after all: that callbacks work is worth knowing.
            same.update(asked_for=False)
        return False
    DeliveryReport.objects.create(
        attempt=attempt,
        raw_status=report.raw_status,
        progress=report.progress or "",
        error_code=report.error_code,
        payload=dict(report.payload),
        asked_for=asked_for,
    )
    return True
