"""Makes the callbacks over HTTP.

The standard library's client instead of `requests`, because closing the server must be able to cut
a call that the other side leaves hanging.
"""

import http.client
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from .callbacks import Callback, Delivery
from .exchange import FORM

TIMEOUT_SECONDS = 15.0  # Twilio's own


class Poster:
    """Posts callbacks from any thread. Redirects are not followed."""

    def __init__(self) -> None:
        self._open: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()
        self._closed = False

    def post(self, callback: Callback) -> Delivery:
        """Make one call and wait for its answer; network errors end up in the result."""
        connection = self._connection(callback)
        status, error = None, ""
        try:
            status = self._exchange(connection, callback)
        except (OSError, http.client.HTTPException) as failure:
            error = f"{type(failure).__name__}: {failure}"
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
        return Delivery(callback, status, error, datetime.now(UTC))

    def close(self) -> None:
        """Cut what is under way; later calls fail at once."""
        with self._lock:
            self._closed = True
        self.cut()

    def cut(self) -> None:
        """End the calls that are under way, which then fail."""
        with self._lock:
            for connection in self._open:
                if connection.sock is not None:
                    with suppress(OSError):
                        connection.sock.shutdown(socket.SHUT_RDWR)

    def _connection(self, callback: Callback) -> http.client.HTTPConnection:
        parts = urlsplit(callback.address)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)

    def _exchange(self, connection: http.client.HTTPConnection, callback: Callback) -> int:
        connection.connect()
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("the server is closing")
            self._open.add(connection)
        parts = urlsplit(callback.address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": FORM, "User-Agent": "TwilioProxy/1.1", **callback.headers}
        connection.request("POST", target, urlencode(callback.params), headers)
        response = connection.getresponse()
        response.read()
        return response.status
