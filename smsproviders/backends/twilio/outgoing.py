"""One SMS as Twilio's parameters."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from smsproviders.backends.twilio.form import SERVICE_SID
from smsproviders.contract import OutgoingSms

LONGEST_VALIDITY_SECONDS = 36_000
# Twilio repeats a callback 3 times after failed connections, read timeouts and 5xx answers:
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
CALLBACK_RETRIES = "#rc=3&rp=ct,rt,5xx"


def parameters(sms: OutgoingSms, credentials: Mapping[str, Any]) -> dict[str, Any]:
    """What `messages.create` of the SDK takes."""
    seconds = int((sms.expires_at - timezone.now()).total_seconds())
    chosen: dict[str, Any] = {
        "to": sms.to,
        "body": sms.body,
        "validity_period": max(1, min(seconds, LONGEST_VALIDITY_SECONDS)),
        "attempt": sms.attempt_number,
        "provide_feedback": True,
        "risk_check": "enable",
        **_sender(sms, credentials),
    }
    if sms.callback_url:
        chosen["status_callback"] = sms.callback_url + CALLBACK_RETRIES
    if credentials.get("discard_content"):
        chosen["content_retention"] = "discard"
    if credentials.get("obfuscate_number"):
        chosen["address_retention"] = "obfuscate"
    return chosen


def webhook_secrets(credentials: Mapping[str, Any]) -> list[str]:
    """Two during a rotation; none with an API key alone, which signs nothing."""
    given = credentials.get("webhook_secret") or credentials.get("auth_token") or ""
    return [secret for secret in given.split(",") if secret]


def _sender(sms: OutgoingSms, credentials: Mapping[str, Any]) -> dict[str, str]:
    """The sender chosen for the country wins over that of the settings."""
    service, number = credentials.get("messaging_service_sid"), credentials.get("from_number")
    sender = sms.sender or service or number or ""
    if re.fullmatch(SERVICE_SID, sender):
        return {"messaging_service_sid": sender}
    return {"from_": sender}
