"""Delivery receipts: https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts"""

from collections.abc import Mapping
from uuid import UUID

from smsproviders.backends.vonage import errors
from smsproviders.contract import Report, ReportMalformed
from smsproviders.vocabulary import Progress, Verdict

# "accepted" and "buffered" are said by the carrier: it has the message. "unknown" says nothing.
PROGRESS: Mapping[str, Progress] = {
    "accepted": Progress.SENT,
    "buffered": Progress.SENT,
    "delivered": Progress.DELIVERED,
    "expired": Progress.UNDELIVERED,
    "failed": Progress.UNDELIVERED,
    "rejected": Progress.UNDELIVERED,
}
# Kept as they are; the rest is numbers and ids that we have already. The price is of one part.
KEPT = ("status", "err-code", "scts", "message-timestamp", "network-code", "price")


def parse(given: Mapping[str, str]) -> Report:
    """The report in proved parameters."""
    message_id, status = given.get("messageId", ""), given.get("status", "")
    if not message_id or not status or len(message_id) > 80:
        raise ReportMalformed
    # PostgreSQL stores no NUL.
    if any("\x00" in value for value in given.values()):
        raise ReportMalformed
    progress = PROGRESS.get(status)
    code = errors.receipt_code(status, given.get("err-code", ""))
    return Report(
        provider_message_id=message_id,
        progress=progress,
        raw_status=status[:30],
        error_code=code,
        attempt_id=_uuid(given.get("client-ref", "")),
        verdict=_verdict(progress, code),
        payload={name: given[name][:200] for name in KEPT if name in given},
    )


def _verdict(progress: Progress | None, code: str) -> Verdict | None:
    return errors.of_receipt(code) if progress is Progress.UNDELIVERED else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
