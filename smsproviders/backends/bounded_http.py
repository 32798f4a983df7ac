"""HTTP calls that end when they must, whatever the peer does: for every backend that speaks HTTP.

A read timeout counts from one byte to the next, so a peer that drips a byte a second holds a thread
for as long as it likes (measured: 23 s on a header, with a read timeout of 2 s), and Celery's time
limits do nothing in a pool of threads. Here a watch shuts the socket down at the deadline; looking
up the name and connecting are bounded as well, and the body has a largest size.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from requests.utils import default_user_agent
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from smsproviders import answer_clock
from smsproviders.backends import cutting_off
from smsproviders.contract import CONNECT_SECONDS, READ_SECONDS, Deadline

LARGEST_BODY = 512 * 1024
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": default_user_agent()}
POOL_SIZE = 200  # as many as a worker may have threads: those above it would connect for each call
_SHORTEST = 0.001  # 0 would mean "do not block" to a socket


class NotSent(Exception):
    """No byte of the request left this host: sending elsewhere cannot make a second SMS."""


class NotAllowed(NotSent):
    """The gate let no connection through to where the name leads."""


class NoAnswer(Exception):
    """The request left, at least in part, and nothing usable came back: it may have worked."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a new connection would lead: these addresses, and no others, are then connected to."""

    host: str
    port: int
    encrypted: bool
    addresses: tuple[str, ...]


# Raises NotAllowed. Asked for each new connection, between looking the name up and connecting, so
# that no later answer of the name server can lead elsewhere.
Gate = Callable[[Destination], None]


class Call:
    """One call under way: its sockets, whether a byte has left, and whether it was cut off."""

    def __init__(self, deadline: Deadline, gate: Gate | None = None) -> None:
        self.deadline = deadline
        self.gate = gate
        self.begun = False
        self.cut_off = False
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._token = _present.set(self)
        cutting_off.watch.over(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _present.reset(self._token)
        with self._lock:
            self.is_over = True
            for twin in self._sockets:
                twin.close()

    def watch(self, connection: socket.socket) -> None:
        """Hold a second handle of the socket: TLS takes the first one over, a response may too."""
        twin = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            self._sockets.append(twin)
            if self.cut_off:
                _shut_down(twin)

    def seconds(self, at_most: float) -> float:
        return max(_SHORTEST, min(at_most, self.deadline.left()))

    def cut(self) -> None:
        with self._lock:
            # Ended at the same instant: its connection belongs to the pool again.
            if self.is_over:
                return
            self.cut_off = True
            for twin in self._sockets:
                _shut_down(twin)


_present: ContextVar[Call] = ContextVar("call")


class BoundedHttp:
    """A pool of connections, shared by threads; it follows no redirect and repeats nothing."""

    def __init__(self, *, gate: Gate | None = None) -> None:
        self._gate = gate
        self._adapter = _Adapter(pool_maxsize=POOL_SIZE)
        # The certificates that vouch for others: those that requests brings along.
        self._trusted: bool | str = True

    def request(self, method: str, url: str, *, deadline: Deadline, **parts: Any) -> Answer:
        """`parts` are those of requests: params, data, json, headers, auth.

        Raises NotSent, NotAllowed where the gate refuses, or NoAnswer. Their text is the kind of
        failure and never the address.
        """
        if not deadline.left():
            raise NotSent("deadline")
        with Call(deadline, self._gate) as call:
            try:
                answer = self._ask(call, method, url, parts)
            except (RequestException, HTTPError, OSError, ValueError) as error:
                raise _failure(call, type(error).__name__) from None
        # A body without a length ends when the socket does, as if it were whole.
        if call.cut_off:
            raise NoAnswer("deadline")
        return answer

    def close(self) -> None:
        self._adapter.close()

    def _ask(self, call: Call, method: str, url: str, parts: Mapping[str, Any]) -> Answer:
        """Without a session of requests, which keeps cookies, follows redirects, looks for a proxy,
        a netrc and a certificate in the environment, and takes a quarter of the time.
        """
        headers = CaseInsensitiveDict({**HEADERS, **(parts.get("headers") or {})})
        request = PreparedRequest()
        request.prepare(method, url, **{**parts, "headers": headers})
        timeout = (call.seconds(CONNECT_SECONDS), call.seconds(READ_SECONDS))
        response = self._adapter.send(request, stream=True, timeout=timeout, verify=self._trusted)
        try:
            text = _body(response)
        finally:
            response.close()
        answer_clock.note(response.headers.get("Date"))
        return Answer(response.status_code, dict(response.headers), text)


def _failure(call: Call, kind: str) -> NotSent | NoAnswer:
    reason = "deadline" if call.cut_off else kind
    return NoAnswer(reason) if call.begun else NotSent(reason)


def _body(response: Response) -> str:
    read = bytearray()
    for chunk in response.iter_content(16 * 1024):
        read += chunk
        if len(read) > LARGEST_BODY:
            raise ValueError("the body is too large")
    return read.decode("utf-8", errors="replace")


class _Watched(HTTPConnection):
    """A connection that shows its socket to the present call."""

    _call: Call | None = None

    def _new_conn(self) -> socket.socket:
        """The one place where urllib3 opens a socket; TLS follows, already under watch."""
        call = _present.get()
        encrypted = isinstance(self, HTTPSConnection)
        port = self.port or self.default_port
        connection = _connect(self.host, port, call, encrypted=encrypted)
        call.watch(connection)
        self._call = call
        return connection

    def request(self, *args: Any, **kwargs: Any) -> None:
        call = _present.get()
        # Kept alive from an earlier call.
        if self.sock is not None and self._call is not call:
            call.watch(self.sock)
            self._call = call
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _present.get().begun = True
        super().send(data)


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def addresses_of(host: str, port: int, *, deadline: Deadline) -> tuple[str, ...]:
    """The addresses that a name has now; OSError (TimeoutError among it) when it has none."""
    return _addresses(_resolve(host, port, deadline))


def _addresses(found: list[Any]) -> tuple[str, ...]:
    return tuple(str(address[0]) for *_, address in found)


def _connect(host: str, port: int, call: Call, *, encrypted: bool) -> socket.socket:
    """Connect to one of the host's addresses within CONNECT_SECONDS in all, not for each."""
    limit = Deadline.after(call.seconds(CONNECT_SECONDS))
    addresses = _resolve(host, port, limit)
    if call.gate is not None:
        call.gate(Destination(host, port, encrypted, _addresses(addresses)))
    failure: OSError = TimeoutError("no address")
    for place, (family, kind, protocol, _name, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(_SHORTEST, limit.left() / (len(addresses) - place)))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(call.seconds(CONNECT_SECONDS))
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _resolve(host: str, port: int, limit: Deadline) -> list[Any]:
    """Asked on a thread of its own: the system's resolver knows no timeout but its own."""
    answers: SimpleQueue[list[Any] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=max(_SHORTEST, limit.left()))
    except Empty:
        raise TimeoutError("the name was not resolved") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
