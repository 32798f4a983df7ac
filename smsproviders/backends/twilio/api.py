"""The twilio SDK, made safe. The only module that imports it: that costs 0.2 s and 19 MiB.

The SDK has no deadline, no base address, and logs addresses and headers; here none of this is so.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from smsproviders.backends.bounded_http import Answer, BoundedHttp, NoAnswer
from smsproviders.backends.twilio.address import TWILIO
from smsproviders.backends.twilio.answers import Refused
from smsproviders.contract import Deadline

T = TypeVar("T")

LONGEST_CODE = 20

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
        # The SDK loads most of itself when this is first asked for.
        _ = self._client.messages

    def call(self, ask: Callable[[Client], T], *, deadline: Deadline) -> T:
        """What `ask` gets from the client: Refused, NotSent, NoAnswer or AddressRefused."""
        with _until(deadline):
            try:
                return ask(self._client)
            except (TwilioException, ValueError, TypeError, AttributeError, KeyError) as error:
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
            TWILIO.rewritten(url),
            deadline=_deadline.get(),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
        )
        if not 200 <= answer.status < 300:
            raise _refused(answer)
        return Response(answer.status, answer.text, dict(answer.headers))


def _refused(answer: Answer) -> Refused:
    """Read here, since the SDK has three kinds of exceptions for it, without a common field.

    Both forms of Twilio's errors have a `code`; something in front of Twilio answers with HTML.
    """
    try:
        body = json.loads(answer.text)
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    code = str(told.get("code") or "")
    return Refused(
        status=answer.status,
        code=code if code.isdecimal() and len(code) <= LONGEST_CODE else "",
        message=str(told.get("message") or told.get("detail") or told.get("title") or ""),
    )
