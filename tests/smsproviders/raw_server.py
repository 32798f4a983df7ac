"""A peer at the level of sockets, for what no HTTP server does: half headers, silence, floods."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Conversation = Callable[[socket.socket, threading.Event], None]


@contextmanager
def raw_server(converse: Conversation) -> Iterator[int]:
    """The port of a server that hands each connection to `converse`, with an event of its end."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                opened.append(connection)
                thread = threading.Thread(target=serve, args=(connection,))
                threads.append(thread)
                thread.start()

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                converse(connection, over)

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in opened:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def drip(data: bytes, seconds: float = 0.05) -> Conversation:
    """Reads the request, then writes one byte after the other, and begins again at the end."""

    def converse(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        while True:
            for byte in data:
                if over.wait(seconds):
                    return
                connection.sendall(bytes([byte]))

    return converse


def answer(data: bytes) -> Conversation:
    def converse(connection: socket.socket, over: threading.Event) -> None:
        while connection.recv(65536):
            connection.sendall(data)

    return converse


def silence(connection: socket.socket, over: threading.Event) -> None:
    over.wait()
