"""What an answer that is no success, or a report, means: by the operator's map, else by HTTP."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http.error_classes import CLASSES, ErrorClass
from smsproviders.backends.generic_http.lines import pairs
from smsproviders.vocabulary import Cause, Decision, Verdict, Words

# `SmsAttempt.error_code` holds no more; the map may have longer ones.
KEPT_LENGTH = 20

UNREACHABLE = "unreachable"
NO_ANSWER = "no-answer"
UNUSABLE_ANSWER = "unusable-answer"
REDIRECT = "redirect"
NOT_ALLOWED = "address-not-allowed"
SERVER_ERROR = "server-error"
REFUSED = "refused"

ACCEPTED = Verdict(Decision.DONE, Cause.UNEXPLAINED, _("The gateway took the message."))


ERRORS: Mapping[str, Verdict] = {
    UNREACHABLE: Verdict(
        Decision.NEXT,
        Cause.PROVIDER_DOWN,
        _("The gateway could not be reached; nothing was sent."),
        counts_for_breaker=True,
    ),
    NO_ANSWER: CLASSES[ErrorClass.NOT_CONFIRMED],
    SERVER_ERROR: CLASSES[ErrorClass.NOT_CONFIRMED],
    UNUSABLE_ANSWER: Verdict(
        Decision.AMBIGUOUS,
        Cause.PROVIDER_DOWN,
        _(
            "The answer is not what the settings expect, so nobody knows whether it was sent: "
            "look at the success and the paths in Provider settings."
        ),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    REDIRECT: Verdict(
        Decision.NEXT,
        Cause.PROVIDER_INCOMPLETE,
        _("The gateway sends us to another address. No redirect is followed: enter the right one."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    NOT_ALLOWED: Verdict(
        Decision.NEXT,
        Cause.PROVIDER_INCOMPLETE,
        _(
            "The gateway's name leads to an address that is not public; nothing was sent. Whoever "
            "runs this service can allow it in HTTP_PROVIDER_ALLOWED_HOSTS."
        ),
        tell_operator=True,
    ),
    "http-401": CLASSES[ErrorClass.CREDENTIALS],
    "http-403": CLASSES[ErrorClass.CREDENTIALS],
    "http-402": CLASSES[ErrorClass.BALANCE],
    "http-429": CLASSES[ErrorClass.RETRY],
    REFUSED: Verdict(
        Decision.STOP,
        Cause.UNEXPLAINED,
        _("The gateway refused it without a code: see its answer."),
        tell_operator=True,
    ),
}

_NOT_IN_THE_MAP = _(
    "A code of the gateway that the map of error codes does not have: see the gateway's own "
    "documentation, then add it in Provider settings."
)
_UNKNOWN = Verdict(Decision.STOP, Cause.UNEXPLAINED, _NOT_IN_THE_MAP, tell_operator=True)
_LOST = Verdict(Decision.NEXT_ONCE, Cause.UNEXPLAINED, _NOT_IN_THE_MAP, tell_operator=True)
_LOST_WITHOUT_REASON = Verdict(
    Decision.NEXT_ONCE,
    Cause.UNEXPLAINED,
    _("Not delivered, and the gateway gave no reason."),
    tell_operator=True,
)
# What stands at the path may be a sentence that quotes the message, where the path is a wrong one.
_CODE = re.compile(r"[\w.:/-]{1,60}\Z", re.ASCII)
_OF_HTTP = re.compile(r"http-[1-5]\d\d\Z")

ErrorMap = Mapping[str, ErrorClass]


def parse_map(text: str) -> ErrorMap:
    """ValidationError for a class that there is not, or for what can be no code.

    Codes count in any case of their letters.
    """
    found: dict[str, ErrorClass] = {}
    for code, name in pairs(text, between="=", example="4711 = balance").items():
        if not code_in(code):
            raise ValidationError(
                _("“%(code)s” is no code: up to 60 letters, digits and . : / - _ without blanks."),
                params={"code": code[:60]},
            )
        try:
            found[folded(code)] = ErrorClass(name.lower())
        except ValueError:
            raise ValidationError(
                _("“%(name)s” is no class of errors. There are: %(known)s."),
                params={"name": name[:60], "known": ", ".join(ErrorClass)},
            ) from None
    return found


def code_in(text: str) -> str:
    """The text, if it can be a code; else ""."""
    return text if _CODE.match(text) else ""


def folded(code: str) -> str:
    """A code as it is looked up."""
    return code.casefold()


def of_refusal(*, status: int, code: str, by_code: ErrorMap) -> tuple[str, Verdict]:
    """The code to keep and the verdict for an answer that is no success.

    `code` is the gateway's own, or "". The map knows it best, then the status of HTTP in the map.
    """
    of_http = f"http-{status}"
    for known in (code, of_http):
        if known and folded(known) in by_code:
            return known[:KEPT_LENGTH], CLASSES[by_code[folded(known)]]
    if of_http in ERRORS:
        return of_http, ERRORS[of_http]
    return _of_status(status, code[:KEPT_LENGTH])


def of_report(code: str, *, by_code: ErrorMap) -> Verdict:
    """For a report that a message did not arrive."""
    if folded(code) in by_code:
        return CLASSES[by_code[folded(code)]]
    return _LOST if code else _LOST_WITHOUT_REASON


def words_for(code: str, *, by_code: ErrorMap) -> Words:
    """What a kept code means, for operators. Of a long one only the beginning is kept."""
    meant = {one for known, one in by_code.items() if known[:KEPT_LENGTH] == folded(code)}
    if len(meant) == 1:
        return CLASSES[meant.pop()].words
    if code in ERRORS:
        return ERRORS[code].words
    if _OF_HTTP.match(code):
        return ERRORS[REFUSED].words
    return _NOT_IN_THE_MAP if code else ""


def _of_status(status: int, code: str) -> tuple[str, Verdict]:
    if status >= 500:
        return code or SERVER_ERROR, ERRORS[SERVER_ERROR]
    if status >= 400:
        return (code, _UNKNOWN) if code else (f"http-{status}", ERRORS[REFUSED])
    # 303 says that it is done, and where to read on.
    if status >= 300 and status != 303:
        return REDIRECT, ERRORS[REDIRECT]
    return (code, _UNKNOWN) if code else (UNUSABLE_ANSWER, ERRORS[UNUSABLE_ANSWER])
