"""Status callbacks: what they say and how they are signed.

https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urldefrag

from .messages import API_VERSION, Message, Status

_WITH_RECEIPT = {Status.DELIVERED, Status.UNDELIVERED}


@dataclass(frozen=True, slots=True)
class Callback:
    """One status callback, signed or not.

    `url` is the StatusCallback as the caller gave it, with its fragment. Change `params` with
    `tampered()` to keep the old signature, and sign anew with `signed_with()`.
    """

    url: str
    params: Mapping[str, str]
    signature: str | None = None

    @property
    def message_sid(self) -> str:
        return self.params["MessageSid"]

    @property
    def status(self) -> str:
        return self.params["MessageStatus"]

    @property
    def address(self) -> str:
        """What is called and signed: the fragment only speaks to Twilio."""
        return urldefrag(self.url).url

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.signature is None else {"X-Twilio-Signature": self.signature}

    def signed_with(self, token: str) -> "Callback":
        return replace(self, signature=signature(self.address, self.params, token))

    def unsigned(self) -> "Callback":
        return replace(self, signature=None)

    def tampered(self, **changes: str) -> "Callback":
        """Other parameters under the old signature."""
        return replace(self, params={**self.params, **changes})

    @property
    def retries(self) -> int:
        """How often to try again, by `#rc=`: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"""
        count = self._overrides().get("rc", ["0"])[0]
        return min(int(count), 5) if count.isdecimal() else 0

    def retries_after(self, status: int | None) -> bool:
        """Whether `#rp=` asks for another try after this answer (None: there was none)."""
        policies = self._overrides().get("rp", ["ct"])[0].split(",")
        if "all" in policies:
            return status is None or status >= 400
        if status is None:
            return bool({"ct", "rt"} & set(policies))
        return f"{status // 100}xx" in policies

    def _overrides(self) -> dict[str, list[str]]:
        return parse_qs(urldefrag(self.url).fragment)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A callback that was made, and what it met: a status, or an error and no status."""

    callback: Callback
    response_status: int | None
    error: str
    at: datetime


def callback_for(message: Message, *, token: str) -> Callback | None:
    """The signed callback for the message's present status; None when it asked for none."""
    if message.status_callback is None:
        return None
    params = {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "MessageSid": message.sid,
        "MessageStatus": message.status.value,
        "SmsSid": message.sid,
        "SmsStatus": message.status.value,
        "To": message.to,
    }
    if message.sender is not None:
        params["From"] = message.sender
    if message.messaging_service_sid is not None:
        params["MessagingServiceSid"] = message.messaging_service_sid
    if message.error_code is not None:
        params["ErrorCode"] = str(message.error_code)
    if message.status in _WITH_RECEIPT:
        params["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    return Callback(url=message.status_callback, params=params).signed_with(token)


def signature(url: str, params: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1, in base64, over the URL and all parameters: sorted, names and values joined."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()
