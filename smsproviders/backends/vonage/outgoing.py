"""One SMS as the parameters of Vonage's SMS API."""

from django.utils import timezone

from smsproviders.contract import OutgoingSms
from smsproviders.text_encoding import is_gsm

SHORTEST_LIFE_MS = 20_000
LONGEST_LIFE_MS = 604_800_000


def parameters(sms: OutgoingSms) -> dict[str, str]:
    """Without the credentials.

    Each receipt brings back `client-ref`, under its signature: there the attempt's id stands. In
    the address it would not be signed, and Vonage does not support a POST to one with a query.
    """
    chosen = {
        "to": sms.to.removeprefix("+"),
        "from": sms.sender.removeprefix("+"),
        "text": sms.body,
        "type": "text" if is_gsm(sms.body) else "unicode",
        "ttl": str(_life_ms(sms)),
        "client-ref": str(sms.attempt_id),
        "status-report-req": "1" if sms.callback_url else "0",
    }
    if sms.callback_url:
        chosen["callback"] = sms.callback_url.partition("?")[0]
    return chosen


def _life_ms(sms: OutgoingSms) -> int:
    """How long the code still lives, within what Vonage takes."""
    left = int((sms.expires_at - timezone.now()).total_seconds() * 1000)
    return max(SHORTEST_LIFE_MS, min(left, LONGEST_LIFE_MS))
