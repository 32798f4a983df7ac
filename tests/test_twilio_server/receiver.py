"""The other end of the callbacks: a small web server that remembers what was posted to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Posted:
    path: str
    content_type: str
    signature: str | None
    params: dict[str, str]


@dataclass(slots=True)
class Receiver:
    """`answers` are the statuses of the next answers; when there are none, 204."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def statuses(self) -> list[str]:
        return [one.params["MessageStatus"] for one in self.posted]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.posted.append(
                Posted(
                    path=self.path,
                    content_type=self.headers["Content-Type"],
                    signature=self.headers["X-Twilio-Signature"],
                    params=dict(parse_qsl(body, keep_blank_values=True)),
                )
            )
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
