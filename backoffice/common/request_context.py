"""Who asks, as far as the log is concerned: the request's id and address, for the code below it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from backoffice.common.addresses import client_address
from backoffice.common.identifiers import uuid7

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
USER_AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RequestContext:
    request_id: str = ""
    address: str = ""
    browser: str = ""


NOTHING = RequestContext()
_current: ContextVar[RequestContext] = ContextVar("request_context", default=NOTHING)


def current() -> RequestContext:
    """The present request, or an empty context in a worker or a command."""
    return _current.get()


@contextmanager
def during(context: RequestContext) -> Iterator[None]:
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


class KeepRequestContext:
    """Must stand behind `TrustForwardedHeaders`, since it asks for the client's address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        context = context_of(request)
        # Django logs what went wrong when all is over here, and names the request.
        request.request_id = context.request_id  # type: ignore[attr-defined]
        with during(context):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = context.request_id
        return response


def context_of(request: HttpRequest) -> RequestContext:
    offered = request.headers.get("X-Request-ID", "")
    return RequestContext(
        request_id=offered if _ACCEPTED_ID.fullmatch(offered) else str(uuid7()),
        address=client_address(request),
        browser=request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH],
    )
