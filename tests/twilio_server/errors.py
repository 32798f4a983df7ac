"""Twilio's error codes as this server knows them, and the refusal that carries one.

The codes and titles follow https://www.twilio.com/docs/api/errors; the HTTP status of each is the
one the REST API answers with. 3xxxx codes only ever appear in a message's `error_code`.
"""

from collections.abc import Mapping
from http import HTTPStatus

TITLES: Mapping[int, str] = {
    20001: "Unknown parameters",
    20003: "Authenticate",
    20004: "Method not allowed",
    20005: "Account not active",
    20008: "Resource not accessible with Test Account Credentials",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    19056: "Input request content type is invalid",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' Number",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' phone number or a Messaging Service is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number is not a valid message-capable number for this account",
    21608: "The number is unverified. Trial accounts cannot send messages to unverified numbers",
    21609: "The 'StatusCallback' URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "Message cannot be sent with the current combination of 'To' and 'From'",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21624: "Invalid 'ValidityPeriod' parameter",
    21701: "The Messaging Service resource does not exist",
    21703: "The Messaging Service contains no phone numbers",
    21704: "The Messaging Service has no sender for this destination",
    21705: "The Messaging Service is invalid",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30029: "Invalid 'ContentRetention': Message Privacy is not enabled",
    30030: "Invalid 'AddressRetention': Message Privacy is not enabled",
    30036: "Validity period expired",
}

_STATUSES: Mapping[int, HTTPStatus] = {
    19056: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    20003: HTTPStatus.UNAUTHORIZED,
    20004: HTTPStatus.METHOD_NOT_ALLOWED,
    20005: HTTPStatus.FORBIDDEN,
    20008: HTTPStatus.FORBIDDEN,
    20404: HTTPStatus.NOT_FOUND,
    20429: HTTPStatus.TOO_MANY_REQUESTS,
    20500: HTTPStatus.INTERNAL_SERVER_ERROR,
    20503: HTTPStatus.SERVICE_UNAVAILABLE,
}


def title(code: int) -> str:
    """What Twilio calls this code, or a plain placeholder for one not listed above."""
    return TITLES.get(code, f"Error {code}")


def http_status(code: int) -> int:
    """The HTTP status that the REST API answers with for this code: 400 unless known better."""
    return _STATUSES.get(code, HTTPStatus.BAD_REQUEST).value


class Refusal(Exception):
    """A request that Twilio answers with an error.

    `misuse` marks what no setting of an account explains, only a fault in the caller's code: those
    are recorded as violations as well.
    """

    def __init__(self, code: int, message: str = "", *, misuse: bool = False) -> None:
        super().__init__(message or title(code))
        self.code = code
        self.status = http_status(code)
        self.misuse = misuse

    def as_json(self) -> dict[str, object]:
        """The error body of the 2010-04-01 API."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
