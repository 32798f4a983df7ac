"""The load: requests over plain sockets, prepared before the clock starts, which costs the shared
cores less than an HTTP library does."""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

CSRF = "c" * 32
PATIENCE_SECONDS = 30


class Address:
    """Where the requests go."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)

    def get(self, path: str, *, session_key: str = "") -> None:
        """Ask for a page, in that session; AssertionError unless it comes."""
        cookie = f"Cookie: __Host-session={session_key}; __Host-csrf={CSRF}"
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {self._host}:{self._port}",
            "Accept-Language: en",
            *([cookie] if session_key else []),
            "Connection: close",
        )
        self._exchange("\r\n".join([*lines, "", ""]).encode(), expecting=200)

    def post(self, path: str, *, session_key: str, expecting: int, **fields: str) -> None:
        """Fill in and send a form as a browser would; AssertionError for another status."""
        self._exchange(self._form(path, session_key, urlencode(fields)), expecting=expecting)

    def _form(self, path: str, session_key: str, body: str) -> bytes:
        lines = (
            f"POST {path} HTTP/1.1",
            f"Host: {self._host}:{self._port}",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Accept-Language: en",
            f"Cookie: __Host-session={session_key}; __Host-csrf={CSRF}",
            f"X-CSRFToken: {CSRF}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        return "\r\n".join([*lines, "", body]).encode()

    def _exchange(self, request: bytes, *, expecting: int) -> None:
        with socket.create_connection((self._host, self._port), PATIENCE_SECONDS) as connection:
            connection.sendall(request)
            parts = list(iter(lambda: connection.recv(64 * 1024), b""))
        answer = b"".join(parts)
        if int(answer[9:12]) != expecting:
            raise AssertionError(f"not {expecting}: {answer[:2000].decode()}")


@dataclass
class Load:
    """What came of a load: how long each call took, and all of them together."""

    taken: list[float] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.taken) / self.lasted


def closed_loop(callers: int, calls: Iterable[Callable[[], None]], *, seconds: float) -> Load:
    """Each caller makes the next call as soon as its last one is answered, while there is any."""
    load, waiting, lock = Load(), iter(calls), threading.Lock()
    end = time.perf_counter() + seconds

    def go_on() -> None:
        while time.perf_counter() < end:
            with lock:
                call = next(waiting, None)
            if call is None:
                return
            began = time.perf_counter()
            call()
            load.taken.append(time.perf_counter() - began)

    began = time.perf_counter()
    _together(callers, go_on)
    load.lasted = time.perf_counter() - began
    return load


def paced(threads: int, calls: Iterable[Callable[[], None]], *, per_second: float) -> Load:
    """One call after the other is due, whatever became of those before (an open loop).

    Times count from when the call was due: one that had to wait for a thread is not flattered."""
    load, waiting, lock = Load(), enumerate(calls), threading.Lock()
    began = time.perf_counter()

    def go_on() -> None:
        while True:
            with lock:
                number, call = next(waiting, (0, None))
            if call is None:
                return
            due = began + number / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            call()
            load.taken.append(time.perf_counter() - due)

    _together(threads, go_on)
    load.lasted = time.perf_counter() - began
    return load


def _together(number: int, function: Callable[[], None]) -> None:
    from django.db import connections

    def run() -> None:
        try:
            function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number, thread_name_prefix="load") as pool:
        for future in [pool.submit(run) for _ in range(number)]:
            future.result()
