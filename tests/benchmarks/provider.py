"""The strict Twilio server in a process of its own, so that it shares no interpreter with the load.

It says when each request had arrived, by the same clock that the load reads.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from tests.twilio_server import Account, Behaviour, TwilioServer, ok


class Provider:
    account = Account()

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.url: str = self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        self._process.join(10)

    def begin(self, behaviour: Behaviour) -> None:
        """Forget all, end what hangs, and behave so from now on."""
        self._ask("begin", behaviour)

    def arrivals(self) -> dict[str, float]:
        """When the send to each number was first read, as seconds since the epoch."""
        found: dict[str, float] = self._ask("arrivals")
        return found

    def _ask(self, question: str, *arguments: object) -> Any:
        self._pipe.send((question, *arguments))
        return self._pipe.recv()


def _serve(pipe: Connection) -> None:
    """Until the other end of the pipe is closed, by whatever ends it."""
    with TwilioServer(described=False) as server:
        questions: dict[str, Callable[..., Any]] = {
            "begin": lambda behaviour: _begin(server, behaviour),
            "arrivals": lambda: _arrivals(server),
        }
        server.behave(ok())
        pipe.send(server.url)
        while True:
            try:
                question, *arguments = pipe.recv()
            except EOFError:
                return
            pipe.send(questions[question](*arguments))


def _begin(server: TwilioServer, behaviour: Behaviour) -> None:
    server.reset()
    server.behave(behaviour)


def _arrivals(server: TwilioServer) -> dict[str, float]:
    server.assert_no_violations()
    first: dict[str, float] = {}
    for request in server.requests:
        if number := request.form.get("To"):
            first.setdefault(number, request.at.timestamp())
    return first
