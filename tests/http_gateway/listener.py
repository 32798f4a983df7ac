"""The sockets: a threaded HTTP/1.1 server that can misbehave, and ends whatever it is doing."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.http_gateway.asked import Asked
from tests.http_gateway.behaviours import Behaviour, Kind

DRIP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    content_type: str = "application/json"


Application = Callable[[Asked], tuple[Behaviour, Reply]]


class Listener:
    def __init__(self, application: Application, *, tls: ssl.SSLContext | None) -> None:
        self._server = _Server(application, tls)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.hang_up()
        self._server.shutdown()
        self._thread.join()
        self.hang_up()
        self._server.server_close()

    def hang_up(self) -> None:
        """End what hangs and drips, and close every connection."""
        self._server.over.set()
        self._server.over = threading.Event()
        for connection in list(self._server.opened):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, application: Application, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.application = application
        self.tls = tls
        self.over = threading.Event()
        self.opened: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """On the connection's own thread, so that a slow handshake holds up nobody else."""
        plain = request
        self.opened.add(plain)
        try:
            if self.tls is not None:
                request = self.tls.wrap_socket(request, server_side=True)
                self.opened.add(request)
            super().finish_request(request, client_address)
        except OSError:  # the caller has gone, or does not trust this certificate
            pass
        finally:
            self.opened -= {plain, request}
            with suppress(OSError):
                request.close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        name = getattr(self.connection, "asked_name", "")
        asked = Asked.received(
            self.command, self.path, self.headers.items(), self.rfile.read(length), name
        )
        behaviour, reply = self.server.application(asked)
        with suppress(OSError):
            self._answer(behaviour, reply)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def _answer(self, behaviour: Behaviour, reply: Reply) -> None:
        over = self.server.over
        match behaviour.kind:
            case Kind.HANGS:
                over.wait()
                self.close_connection = True
            case Kind.DRIPS:
                self.close_connection = True
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not over.wait(DRIP_SECONDS):
                    self.wfile.write(b" ")
            case Kind.SAYS:
                said = Reply(behaviour.status, behaviour.body)
                self._write(said, behaviour.headers)
            case Kind.WORKS:
                over.wait(behaviour.seconds)
                self._write(reply, {})

    def _write(self, reply: Reply, headers: dict[str, str]) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
