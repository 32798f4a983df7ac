"""Which paths exist, and what they are called here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import Refusal


class Endpoint(StrEnum):
    SEND = "send"
    LIST = "list"
    MESSAGE = "message"
    FEEDBACK = "feedback"
    BALANCE = "balance"
    ACCOUNT = "account"
    NUMBERS = "numbers"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Route:
    """A known path: its endpoint and the ids in it (`account`, `sid`)."""

    endpoint: Endpoint
    ids: Mapping[str, str]


_ACCOUNT = r"/2010-04-01/Accounts/(?P<account>[^/.]+)"
_MESSAGE = rf"{_ACCOUNT}/Messages/(?P<sid>[^/.]+)"
# messaging.twilio.com, which arrives here too when every host is rewritten onto this server.
_SERVICE = r"/v1/Services/(?P<sid>[^/.]+)"

_PATHS: tuple[tuple[re.Pattern[str], Mapping[str, Endpoint]], ...] = tuple(
    (re.compile(pattern), methods)
    for pattern, methods in (
        (rf"{_ACCOUNT}\.json", {"GET": Endpoint.ACCOUNT}),
        (rf"{_ACCOUNT}/Balance\.json", {"GET": Endpoint.BALANCE}),
        (rf"{_ACCOUNT}/Messages\.json", {"POST": Endpoint.SEND, "GET": Endpoint.LIST}),
        (rf"{_MESSAGE}\.json", {"GET": Endpoint.MESSAGE}),
        (rf"{_MESSAGE}/Feedback\.json", {"POST": Endpoint.FEEDBACK}),
        (rf"{_ACCOUNT}/IncomingPhoneNumbers\.json", {"GET": Endpoint.NUMBERS}),
        (_SERVICE, {"GET": Endpoint.SERVICE}),
    )
)


def find(method: str, path: str) -> Route:
    """The route of a request, or Twilio's refusal of an unknown path (404) or method (405)."""
    for pattern, methods in _PATHS:
        if match := pattern.fullmatch(path):
            if method not in methods:
                raise Refusal(20004, misuse=True)
            return Route(methods[method], match.groupdict())
    raise Refusal(20404, f"The requested resource {path} was not found", misuse=True)
