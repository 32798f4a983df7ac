"""What a call's answer, or a report, means for its attempt. An attempt only moves forward.

So any order of answer and reports leads to the same attempt; a delivery wins over everything.
"""

from smsproviders.contract import Report, SendResult
from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import TERMINAL_PROGRESS, Cause, Decision, Progress

RANK: dict[str, int] = {
    "": 0,
    Progress.ACCEPTED: 1,
    Progress.SENT: 2,
    Progress.UNDELIVERED: 3,
    Progress.FAILED: 4,
    Progress.DELIVERED: 5,
}
FAILURES = TERMINAL_PROGRESS - {Progress.DELIVERED}


def take_answer(attempt: SmsAttempt, result: SendResult, *, duration_ms: int) -> None:
    """The answer to the call. A report that was faster knows better how far the message got."""
    attempt.duration_ms = duration_ms
    attempt.counts_for_breaker |= result.verdict.counts_for_breaker
    attempt.answer = dict(result.answer)
    _note_particulars(attempt, result)
    if attempt.progress:
        return
    attempt.decision = result.verdict.decision
    attempt.cause = "" if attempt.decision == Decision.DONE else result.verdict.cause
    attempt.error_code = result.error_code
    if attempt.decision == Decision.DONE:
        attempt.progress = Progress.ACCEPTED


def take_report(attempt: SmsAttempt, report: Report) -> bool:
    """Whether the report is of this attempt's message, and was taken in."""
    known = attempt.provider_message_id
    if known and report.provider_message_id and known != report.provider_message_id:
        return False
    _note_particulars(attempt, report)
    if report.verdict is not None:
        attempt.counts_for_breaker |= report.verdict.counts_for_breaker
    if report.progress is not None and RANK[report.progress] > RANK[attempt.progress]:
        _move_on(attempt, report, report.progress)
    return True


def mark_lapsed(attempt: SmsAttempt) -> None:
    """The worker died in the call, or was stopped for too long: nobody knows what came of it."""
    attempt.decision = Decision.AMBIGUOUS


def _move_on(attempt: SmsAttempt, report: Report, progress: Progress) -> None:
    attempt.progress = progress
    if progress not in FAILURES:
        attempt.decision, attempt.cause, attempt.error_code = Decision.DONE, "", ""
    elif report.verdict is not None:
        attempt.decision, attempt.cause = report.verdict.decision, report.verdict.cause
        attempt.error_code = report.error_code
    else:
        attempt.decision, attempt.cause = Decision.NEXT_ONCE, Cause.UNEXPLAINED
        attempt.error_code = report.error_code


def _note_particulars(attempt: SmsAttempt, told: SendResult | Report) -> None:
    attempt.provider_message_id = attempt.provider_message_id or told.provider_message_id
    if told.segments is not None:
        attempt.segments = told.segments
    if told.price is not None:
        attempt.price, attempt.currency = told.price, told.currency
