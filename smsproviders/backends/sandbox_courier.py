"""How the sandbox tells what became of a message: by a signed callback, as a real provider does.

The calls are made by a thread of the worker that sent the message. When it dies, or nobody listens
at our own address, the states are asked for instead.
"""

import hashlib
import hmac
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from smsproviders.backends.bounded_http import BoundedHttp, NoAnswer, NotSent
from smsproviders.contract import Deadline

if TYPE_CHECKING:
    from smsproviders.backends.sandbox import Step

SIGNATURE_HEADER = "X-Sandbox-Signature"
CALL_SECONDS = 3.0


def call_back(address: str, message_id: str, steps: "Sequence[Step]", *, key: bytes) -> None:
    """Start telling the steps, each at its time; returns at once."""
    threading.Thread(
        target=_tell, args=(address, message_id, steps, key), name="sandbox", daemon=True
    ).start()


def signature(path: str, body: bytes, *, key: bytes) -> str:
    return hmac.new(key, path.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _tell(address: str, message_id: str, steps: "Sequence[Step]", key: bytes) -> None:
    began = time.monotonic()
    http = BoundedHttp()
    for step in steps:
        time.sleep(max(0.0, began + step.after - time.monotonic()))
        body = urlencode(
            {"id": message_id, "status": step.progress.value, "error": step.error_code}
        ).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            SIGNATURE_HEADER: signature(_path_of(address), body, key=key),
        }
        with suppress(NotSent, NoAnswer):
            http.request(
                "POST", address, deadline=Deadline.after(CALL_SECONDS), data=body, headers=headers
            )
    http.close()


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
