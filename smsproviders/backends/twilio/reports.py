"""Status callbacks, and the same states when asked for.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from smsproviders.backends.twilio import answers, errors
from smsproviders.contract import Report, ReportMalformed, ReportRefused
from smsproviders.vocabulary import Progress, Verdict

if TYPE_CHECKING:
    from twilio.rest.api.v2010.account.message import MessageInstance

PROGRESS: Mapping[str, Progress] = {
    "accepted": Progress.ACCEPTED,
    "scheduled": Progress.ACCEPTED,
    "queued": Progress.ACCEPTED,
    "sending": Progress.ACCEPTED,
    "sent": Progress.SENT,
    "delivered": Progress.DELIVERED,
    "read": Progress.DELIVERED,
    "undelivered": Progress.UNDELIVERED,
    "failed": Progress.FAILED,
    "canceled": Progress.FAILED,
}
# Kept as they are; the rest of a callback is numbers and ids that we have already.
KEPT = ("MessageStatus", "ErrorCode", "RawDlrDoneDate", "ChannelStatusCode", "ChannelStatusMessage")


def authenticate(request: HttpRequest, *, secrets: Sequence[str], account_sid: str) -> None:
    """Raise ReportRefused unless the account's owner of the secret signed exactly this request.

    The signed address is the configured one, never the Host header; the algorithm is the one this
    account uses, whatever a header says. A signature holds no time: a replay must change nothing.
    """
    from twilio.request_validator import RequestValidator

    signature = request.headers.get("X-Twilio-Signature", "")
    address = settings.PUBLIC_URL + request.get_full_path()
    # Only forms: the parameters of any other body would not be under the signature.
    if not signature or request.content_type != "application/x-www-form-urlencoded":
        raise ReportRefused
    if not any(
        RequestValidator(secret).validate(address, request.POST, signature) for secret in secrets
    ):
        raise ReportRefused
    if not hmac.compare_digest(request.POST.get("AccountSid", "").encode(), account_sid.encode()):
        raise ReportRefused


def parse(request: HttpRequest) -> Report:
    form = request.POST
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    status = form.get("MessageStatus") or form.get("SmsStatus") or ""
    if not sid or not status or len(sid) > 80:
        raise ReportMalformed
    return _report(
        sid,
        status,
        code=form.get("ErrorCode", ""),
        attempt_id=_uuid(request.GET.get("attempt", "")),
        payload={name: form[name][:200] for name in KEPT if name in form},
    )


def of_message(message: "MessageInstance") -> Report | None:
    """The report that a message's present state amounts to."""
    if not isinstance(message.sid, str) or not isinstance(message.status, str):
        return None
    code = str(message.error_code or "")
    report = _report(message.sid, message.status, code=code, payload={"status": message.status})
    return Report(
        provider_message_id=report.provider_message_id,
        progress=report.progress,
        raw_status=report.raw_status,
        error_code=report.error_code,
        verdict=report.verdict,
        payload=report.payload,
        segments=answers.segments(message),
        price=answers.price(message),
        currency=str(message.price_unit or "")[:3],
    )


def _report(
    sid: str,
    status: str,
    *,
    code: str,
    payload: Mapping[str, str],
    attempt_id: UUID | None = None,
) -> Report:
    progress = PROGRESS.get(status)
    code = "" if code == "0" else code[:20]
    return Report(
        provider_message_id=sid,
        progress=progress,
        raw_status=status[:30],
        error_code=code,
        attempt_id=attempt_id,
        verdict=_verdict(progress, code),
        payload=payload,
    )


def _verdict(progress: Progress | None, code: str) -> Verdict | None:
    if progress in {Progress.UNDELIVERED, Progress.FAILED}:
        return errors.of_report(code)
    return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
