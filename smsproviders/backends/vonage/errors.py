"""From what Vonage says to a row of its tables. The raw code is stored beside the verdict."""

from collections.abc import Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.vonage.receipt_codes import CODES
from smsproviders.backends.vonage.send_statuses import SERVER_ERROR, STATUSES
from smsproviders.vocabulary import Cause, Decision, Verdict

ERRORS: Mapping[str, Verdict] = {**STATUSES, **CODES}
ACCEPTED = Verdict(Decision.DONE, Cause.UNEXPLAINED, _("Vonage took the message."))

OF_RECEIPTS = "dlr-"
PAGE_OF_RECEIPTS = "https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts"
PAGE_OF_ANSWERS = "https://developer.vonage.com/en/api-errors/sms"
NO_CODE = {"", "0"}
# "Unknown" and "general error" say less than these statuses beside them.
_VAGUE = {"1", "99"}
_PLAIN = {"expired", "rejected"}
# The account API, and gateways in front of both, answer by HTTP and by a type of problem:
# https://developer.vonage.com/en/api-errors
_BY_HTTP_STATUS = {401: "4", 402: "9", 429: "1"}
_BY_PROBLEM = {
    "unauthorized": "4",
    "invalid-api-key": "4",
    "account-suspended": "8",
    "low-balance": "9",
    "unprovisioned": "11",
    "throttled": "1",
}


def of_status(status: str) -> Verdict:
    """The verdict for the status of a refused message."""
    return STATUSES.get(status) or _unknown(status, Decision.STOP)


def of_http(status: int, *, problem: str = "") -> tuple[str, Verdict]:
    """The code to keep and the verdict, for an HTTP answer that is no success.

    `problem` is the last part of a problem's type, or "" when the answer is none.
    """
    if not 400 <= status < 500:
        return SERVER_ERROR, STATUSES[SERVER_ERROR]
    known = _BY_PROBLEM.get(problem) or _BY_HTTP_STATUS.get(status)
    if known:
        return known, STATUSES[known]
    return f"http-{status}", _unknown("", Decision.STOP)


def receipt_code(status: str, code: str) -> str:
    """The key of a receipt's row; "" where nothing went wrong."""
    if code in NO_CODE and f"{OF_RECEIPTS}{status}" not in CODES:
        return ""
    said_by_status = code in NO_CODE or (code in _VAGUE and status in _PLAIN)
    return f"{OF_RECEIPTS}{status if said_by_status else code}"[:20]


def of_receipt(key: str) -> Verdict:
    """The verdict for a receipt that the message did not arrive, by its `receipt_code`."""
    return CODES.get(key) or _unknown(key, Decision.NEXT_ONCE)


def of_code(code: str) -> Verdict:
    """By the code as it is stored, of an answer or of a receipt."""
    return of_receipt(code) if code.startswith(OF_RECEIPTS) else of_status(code)


def page_of(code: str) -> str:
    """One page tells about all codes of receipts, another about all of answers."""
    return PAGE_OF_RECEIPTS if code.startswith(OF_RECEIPTS) else PAGE_OF_ANSWERS


def _unknown(code: str, decision: Decision) -> Verdict:
    if code.startswith(OF_RECEIPTS):
        words = format_lazy(
            _("Error {code} in a receipt: see {page}"),
            code=code.removeprefix(OF_RECEIPTS),
            page=PAGE_OF_RECEIPTS,
        )
    elif code:
        words = format_lazy(_("Error {code}: see {page}"), code=code, page=PAGE_OF_ANSWERS)
    else:
        words = format_lazy(_("Vonage gave no reason and no error code."))
    return Verdict(decision, Cause.UNEXPLAINED, words, tell_operator=True)
