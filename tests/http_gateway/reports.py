"""Delivery reports as the gateway would post them."""

import hmac
from typing import Any


def signed(body: bytes, secret: str, *, header: str = "X-Signature") -> dict[str, Any]:
    """For Django's test client: body and headers."""
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"data": body, "headers": {header: signature}}


def with_token(body: bytes, token: str, *, header: str = "Authorization") -> dict[str, Any]:
    return {"data": body, "headers": {header: f"Bearer {token}"}}
