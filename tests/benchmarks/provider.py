"""The strict Twilio server, and a Vonage beside it, in a process of their own, so that they share
no interpreter with the load.

It says when each request had arrived, by the same clock that the load reads.
"""

import multiprocessing
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from tests.twilio_server import Account, Behaviour, TwilioServer, ok
from tests.vonage_server import Account as PartnerAccount
from tests.vonage_server import VonageServer, on_the_wire


class Provider:
    """`url` and `partner_url` are the values of TWILIO_API_URL and VONAGE_API_URL."""

    account = Account()
    partner_account = PartnerAccount()

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.url: str
        self.partner_url: str
        self.url, self.partner_url = self._pipe.recv()

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

    def begin(self, behaviour: Behaviour, partner: Behaviour | None = None) -> None:
        """Forget all, end what hangs, and behave so from now on."""
        self._ask("begin", behaviour, partner or ok())

    def behave(self, behaviour: Behaviour) -> None:
        """From now on, and forget nothing."""
        self._ask("behave", behaviour)

    def arrivals(self) -> dict[str, float]:
        """When the first send to each number was read, as seconds since the epoch."""
        found: dict[str, float] = self._ask("arrivals")
        return found

    def partner_arrivals(self) -> dict[str, float]:
        found: dict[str, float] = self._ask("partner arrivals")
        return found

    def _ask(self, question: str, *arguments: object) -> Any:
        self._pipe.send((question, *arguments))
        return self._pipe.recv()


def _serve(pipe: Connection) -> None:
    """Until the other end of the pipe is closed, by whatever ends it."""
    with TwilioServer(described=False) as server, VonageServer() as partner:
        questions: dict[str, Callable[..., Any]] = {
            "begin": lambda one, other: _begin(server, partner, one, other),
            "behave": server.behave,
            "arrivals": lambda: _arrivals(server),
            "partner arrivals": lambda: _partner_arrivals(partner),
        }
        pipe.send((server.url, partner.url))
        while True:
            try:
                question, *arguments = pipe.recv()
            except EOFError:
                return
            pipe.send(questions[question](*arguments))


def _begin(
    server: TwilioServer, partner: VonageServer, behaviour: Behaviour, partners: Behaviour
) -> None:
    server.reset()
    server.behave(behaviour)
    partner.reset()
    partner.behave(on_the_wire(partners))


def _arrivals(server: TwilioServer) -> dict[str, float]:
    server.assert_no_violations()
    return _first(
        (request.form["To"], request.at.timestamp())
        for request in server.requests
        if "To" in request.form
    )


def _partner_arrivals(partner: VonageServer) -> dict[str, float]:
    partner.assert_no_violations()
    sends = (request for request in list(partner.requests) if request.path == "/sms/json")
    return _first((f"+{request.form['to']}", request.at.timestamp()) for request in sends)


def _first(arrivals: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for number, moment in arrivals:
        found.setdefault(number, moment)
    return found
