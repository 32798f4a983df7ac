"""The twilio SDK, made safe. The only module that imports it: that costs 0.2 s and 19 MiB.

The SDK has no deadline, no base address, and logs addresses and headers; here none of this is so.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from smsproviders.backends.bounded_http import BoundedHttp, NoAnswer
from smsproviders.backends.twilio.address import rewritten
from smsproviders.backends.twilio.answers import Refused
from smsproviders.contract import Deadline

T = TypeVar("T")

_deadline: ContextVar[Deadline] = ContextVar("twilio_deadline")


class Api:
    """One account's client, shared by threads."""

    def __init__(self, account_sid: str, *, username: str, password: str) -> None:
        self.account_sid = account_sid
        self._http = _BoundedClient()
        self._client = Client(
            username,
            password,
            account_sid,
            http_client=self._http,
            # Else the SDK would take region and edge from the environment.
            environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
        )

    def call(self, ask: Callable[[Client], T], *, deadline: Deadline) -> T:
        """What `ask` gets from the client: Refused, NotSent, NoAnswer or AddressRefused."""
        with _until(deadline):
            try:
                return ask(self._client)
            except (TwilioRestException, TwilioServiceException) as error:
                raise _refused(error) from None
            except (ValueError, TypeError, AttributeError, KeyError) as error:
                # What the SDK makes of a success that holds no JSON, or another JSON than its own.
                raise NoAnswer(f"unusable: {type(error).__name__}") from None

    def close(self) -> None:
        self._http.bounded.close()


@contextmanager
def _until(deadline: Deadline) -> Iterator[None]:
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class _BoundedClient(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """Not TwilioHttpClient: that logs what it asks and, with its own session, knows no deadline."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), is_async=False)
        self.bounded = BoundedHttp()

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        answer = self.bounded.request(
            method.upper(),
            rewritten(url),
            deadline=_deadline.get(),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
        )
        return Response(answer.status, answer.text, dict(answer.headers))


def _refused(error: Any) -> Refused:
    """The two kinds of error are siblings; without a code the SDK puts the HTTP status there."""
    code, status = str(error.code), str(error.status)
    return Refused(
        status=int(status) if status.isdecimal() else 500,
        code=code[:20] if code.isdecimal() and code != status else "",
        message=str(getattr(error, "msg", "") or getattr(error, "detail", "") or ""),
    )
