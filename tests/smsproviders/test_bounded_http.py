"""The total deadline, over real sockets, at each stage of a call."""

import gzip
import os
import socket
import threading
import time
from typing import Any

import pytest

from smsproviders.backends import bounded_http
from smsproviders.backends.bounded_http import BoundedHttp, NoAnswer, NotSent
from smsproviders.contract import Deadline
from tests.smsproviders.raw_server import answer, drip, raw_server, silence

SECONDS = 0.5
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def ask(url: str, *, http: BoundedHttp | None = None, seconds: float = SECONDS) -> Any:
    return (http or BoundedHttp()).request("GET", url, deadline=Deadline.after(seconds))


def ends_in_time(url: str, failure: type[Exception]) -> None:
    began = time.monotonic()
    with pytest.raises(failure):
        ask(url)
    assert time.monotonic() - began < SECONDS + 0.5


@pytest.mark.faults
@pytest.mark.parametrize(
    "conversation",
    [
        silence,
        drip(b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 500 + b"\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000, seconds=0.01),
        drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1000, seconds=0.01),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", seconds=0.01),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", seconds=0.01),
    ],
    ids=["silence", "header", "body", "body without length", "chunks", "continue for ever"],
)
def test_it_ends_at_the_deadline_at_every_stage_of_an_answer(conversation: Any) -> None:
    with raw_server(conversation) as port:
        ends_in_time(f"http://127.0.0.1:{port}/", NoAnswer)


@pytest.mark.faults
@pytest.mark.parametrize("conversation", [silence, drip(b"\x16\x03\x03\x40\x00\x02\x00")])
def test_it_ends_while_tls_is_being_agreed_on_and_nothing_was_sent(conversation: Any) -> None:
    with raw_server(conversation) as port:
        ends_in_time(f"https://127.0.0.1:{port}/", NotSent)


@pytest.mark.faults
def test_it_ends_while_the_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hanging(*_: object, **__: object) -> list[Any]:
        over.wait(10)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    try:
        ends_in_time("http://api.example.com/", NotSent)
    finally:
        over.set()


@pytest.mark.faults
def test_it_ends_while_the_peer_accepts_nobody() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        ends_in_time(f"http://127.0.0.1:{full.getsockname()[1]}/", NotSent)
        for one in waiting:
            one.close()


def test_addresses_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of three is dead, the third answers: none uses up the others' time."""
    with raw_server(answer(OK)) as port:
        places = [("127.0.0.1", 1), ("127.0.0.1", 1), ("127.0.0.1", port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        assert ask("http://api.example.com/").text == "ok"


def test_a_body_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "LARGEST_BODY", 1000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"

    with raw_server(answer(head + b"x" * 5000)) as port, pytest.raises(NoAnswer):
        ask(f"http://127.0.0.1:{port}/")


def test_a_packed_body_is_measured_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"x" * 20_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)

    with raw_server(answer(head + packed)) as port, pytest.raises(NoAnswer):
        ask(f"http://127.0.0.1:{port}/", seconds=3)


def test_a_socket_that_comes_after_the_deadline_is_shut_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, bounded_http.Call(Deadline.after(0)) as call:
        while not call.cut_off:
            time.sleep(0.001)
        call.watch(ours)
        assert theirs.recv(1) == b""


def test_a_cut_that_is_late_leaves_the_next_users_connection_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with bounded_http.Call(Deadline.after(30)) as call:
            call.watch(ours)
        call.cut()
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"


def test_no_redirect_is_followed() -> None:
    with raw_server(silence) as elsewhere:
        head = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{elsewhere}/\r\n"
        with raw_server(answer(head.encode() + b"Content-Length: 0\r\n\r\n")) as port:
            assert ask(f"http://127.0.0.1:{port}/").status == 302


def test_the_environment_chooses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    with raw_server(answer(OK)) as port:
        assert ask(f"http://127.0.0.1:{port}/").text == "ok"


def test_a_connection_that_the_peer_closed_is_made_anew() -> None:
    def once(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(OK)

    http = BoundedHttp()
    with raw_server(once) as port:
        for _ in range(3):
            assert ask(f"http://127.0.0.1:{port}/", http=http).text == "ok"
            time.sleep(0.05)  # until the other end is closed
    http.close()


def test_no_cookie_is_kept() -> None:
    asked: list[bytes] = []

    def with_cookie(connection: socket.socket, over: threading.Event) -> None:
        while request := connection.recv(65536):
            asked.append(request)
            connection.sendall(OK.replace(b"OK\r\n", b"OK\r\nSet-Cookie: a=b\r\n", 1))

    http = BoundedHttp()
    with raw_server(with_cookie) as port:
        for _ in range(2):
            ask(f"http://127.0.0.1:{port}/", http=http)
        http.close()

    assert len(asked) == 2
    assert not [one for one in asked if b"Cookie" in one]


def test_nothing_is_left_open_or_running_after_many_calls() -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    http = BoundedHttp()
    with raw_server(answer(OK)) as port:
        ask(f"http://127.0.0.1:{port}/", http=http)
        before = open_files(), threading.active_count()
        for _ in range(50):
            ask(f"http://127.0.0.1:{port}/", http=http)
        after = open_files(), threading.active_count()
        http.close()

    assert after[0] <= before[0] + 1
    assert after[1] <= before[1] + 1


def test_a_name_that_does_not_exist_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ends_in_time("http://api.example.invalid/", NotSent)


def test_nobody_listening_is_known_at_once() -> None:
    ends_in_time("http://127.0.0.1:1/", NotSent)


def test_the_failure_names_no_address() -> None:
    with pytest.raises(NotSent) as failure:
        ask("http://127.0.0.1:1/Messages.json?To=%2B447700900123")

    assert "7700900123" not in repr(failure.value)
    assert failure.value.__cause__ is None
