"""One call of one provider. No transaction is open meanwhile."""

import logging
import time
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from smsproviders.contract import Deadline, OutgoingSms, SendResult, SmsBackend
from smsproviders.vocabulary import Cause, Decision, Verdict

BROKEN = Verdict(
    Decision.AMBIGUOUS,
    Cause.UNEXPLAINED,
    gettext_noop("Our own code for this provider failed; whether the message went out is unknown."),
    tell_operator=True,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose attempt is committed. The deadline ends before the lease does.

    `after`: seconds to wait for the provider's rate. `in_spite`: a breaker is open, or would not be
    asked: what comes of this call closes it or not.
    """

    backend: SmsBackend
    sms: OutgoingSms
    deadline: Deadline
    after: float = 0.0
    in_spite: bool = False


def call(made: Call) -> tuple[SendResult, int]:
    """The result, and the milliseconds it took."""
    began = time.monotonic()
    try:
        result = made.backend.send(made.sms, deadline=made.deadline)
    except Exception as error:  # noqa: BLE001 - a fault in a backend must not strand the message
        # Its text may quote the request, so only its kind is logged.
        result = SendResult(BROKEN, answer={"error": type(error).__name__})
        logger.error("a backend failed", extra={"error": type(error).__name__})
    milliseconds = round((time.monotonic() - began) * 1000)
    logger.info(
        "called a provider",
        extra={
            "attempt_id": str(made.sms.attempt_id),
            "decision": result.verdict.decision.value,
            "error_code": result.error_code,
            "milliseconds": milliseconds,
        },
    )
    return result, milliseconds
