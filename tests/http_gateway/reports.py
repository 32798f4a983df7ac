"""Delivery reports as the gateway would post them."""

import hmac
import json
import threading
import urllib.request
from typing import Any


def signed(body: bytes, secret: str, *, header: str = "X-Signature") -> dict[str, Any]:
    """For Django's test client: body and headers."""
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"data": body, "headers": {header: signature}}


def with_token(body: bytes, token: str, *, header: str = "Authorization") -> dict[str, Any]:
    return {"data": body, "headers": {header: f"Bearer {token}"}}


def post_later(address: str, message_id: str, *, secret: str, seconds: float = 0.2) -> None:
    """A delivery, once the answer to the message is surely there."""
    body = json.dumps({"id": message_id, "status": "DELIVRD"}).encode()
    report = signed(body, secret)
    headers = {**report["headers"], "Content-Type": "application/json"}
    request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310
    threading.Timer(seconds, lambda: urllib.request.urlopen(request).close()).start()  # noqa: S310
