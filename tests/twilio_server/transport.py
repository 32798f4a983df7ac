"""The sockets: a threaded HTTP/1.1 server that can also behave badly on the wire, and that closes
at once, whatever its connections are doing."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from sys import exception as current_exception
from typing import Any

from .api import Turn
from .behaviours import Answer
from .exchange import Reply, Request

_LARGEST_BODY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Visit:
    """What an application makes of a request: the turn, when to stop, what to begin."""

    turn: Turn
    over: threading.Event
    begin: Callable[[], None]


Application = Callable[[Request], Visit]


class Handler(BaseHTTPRequestHandler):
    """One connection, on a thread of its own."""

    server: "Listener"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what was asked is in `server.requests`."""

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        request = Request.received(
            method=self.command,
            target=self.path,
            headers=self.headers,
            body=body,
            at=datetime.now(UTC),
        )
        visit = self.server.application(request)
        at_once = visit.turn.behaviour.answers_at_once
        if not at_once:
            visit.begin()
        try:
            self._answer(visit)
        except ConnectionError:  # the caller has gone: his timeout, most likely
            self.close_connection = True
        finally:
            if at_once:
                visit.begin()

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self._write(Reply(HTTPStatus.LENGTH_REQUIRED, b""), close=True)
            return None
        if int(length) > _LARGEST_BODY:
            self._write(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b""), close=True)
            return None
        return self.rfile.read(int(length))

    def _answer(self, visit: Visit) -> None:
        behaviour, reply = visit.turn.behaviour, visit.turn.reply
        match behaviour.answer:
            case Answer.HANG:
                visit.over.wait()
                self.close_connection = True
            case Answer.REFUSE:
                self.close_connection = True
            case Answer.DRIP if reply is not None:
                self._drip(reply, visit.over, behaviour.delay)
            case _ if reply is not None:
                if behaviour.delay:
                    visit.over.wait(behaviour.delay)
                self._write(reply)

    def _write(self, reply: Reply, *, close: bool = False) -> None:
        self.close_connection = self.close_connection or close
        self.wfile.write(reply.on_the_wire(close=self.close_connection))

    def _drip(self, reply: Reply, over: threading.Event, seconds: float) -> None:
        self.close_connection = True
        for byte in reply.on_the_wire(close=True):
            if over.wait(seconds):
                return
            self.wfile.write(bytes([byte]))


class Listener(ThreadingHTTPServer):
    """The listening socket, and every open connection, so that close() can end them all."""

    daemon_threads = False  # joined by server_close()
    request_queue_size = 128

    def __init__(self, host: str, port: int, application: Application) -> None:
        self.application = application
        self.failures: list[Exception] = []
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((host, port), Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="twilio-listener"
        )

    def start(self) -> None:
        """Begin to accept; before that, callers wait in the backlog."""
        self._thread.start()

    def server_bind(self) -> None:
        """Without HTTPServer's look-up of the host's name, which may ask a name server."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away is no error; anything else is a fault of this server."""
        error = current_exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.failures.append(error)

    def close(self) -> None:
        """Stop accepting, wake the handlers that read, and wait for all threads to end."""
        self.shutdown()
        self._thread.join()
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
