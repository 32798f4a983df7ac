"""Delivery receipts, signed as Vonage signs them."""

import hashlib
import hmac
from collections.abc import Mapping

from tests.vonage_server.account import Account
from tests.vonage_server.sending import Message


def receipt(
    message: Message,
    status: str = "delivered",
    err_code: str = "0",
    *,
    account: Account,
    part: int = 0,
    **more: str,
) -> dict[str, str]:
    """The parameters of a receipt for one part; `more` is under the signature too."""
    given = {
        "msisdn": message.to,
        "to": message.sender,
        "network-code": "23410",
        "messageId": message.ids[part],
        "price": "0.03330000",
        "status": status,
        "scts": "2611240914",
        "err-code": err_code,
        "api-key": account.api_key,
        "client-ref": message.client_ref,
        "message-timestamp": "2026-11-24 09:14:02",
        "timestamp": "1795511642",
        "nonce": "ec11dd3e-1e7f-4db5-9467-82b02cd223b9",
        **more,
    }
    return signed(given, secret=account.signature_secret, algorithm=account.algorithm)


def signed(given: Mapping[str, str], *, secret: str, algorithm: str = "sha256") -> dict[str, str]:
    """`md5hash` is Vonage's default; the others are HMACs."""
    text = ""
    for name in sorted(given):
        text += "&" + name + "=" + given[name].replace("&", "_").replace("=", "_")
    if algorithm == "md5hash":
        signature = hashlib.md5((text + secret).encode()).hexdigest()  # noqa: S324 - Vonage's own
    else:
        signature = hmac.new(secret.encode(), text.encode(), algorithm).hexdigest().upper()
    return {**given, "sig": signature}
