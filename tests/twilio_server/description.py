"""An OpenAPI description as a judge of requests and answers, by way of openapi-core."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.paths.exceptions import PathError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .exchange import Reply, Request


class Description:
    """Judges whatever the description covers; about other paths it says nothing."""

    def __init__(self, document: Mapping[str, object]) -> None:
        # Strict both ways: no unknown name in a form, and every documented key in an answer.
        config = Config(
            additional_properties_default_policy="forbid",
            response_properties_default_policy="required",
        )
        self._openapi = OpenAPI.from_dict(_with_open_maps(document), config=config)
        self._lock = threading.Lock()  # its caches are not made for threads

    def problems_of_request(self, request: Request) -> list[str]:
        with self._lock:
            return _told(self._openapi.iter_request_errors(_AsRequest(request)))

    def problems_of_answer(self, request: Request, reply: Reply) -> list[str]:
        with self._lock:
            errors = self._openapi.iter_response_errors(_AsRequest(request), _AsResponse(reply))
            return _told(errors)


class _AsRequest:
    """A request as openapi-core wants to see it, addressed to the host that is described."""

    host_url = "https://api.twilio.com"

    def __init__(self, request: Request) -> None:
        self.path = request.path
        self.method = request.method.lower()
        self.body = request.body or None
        self.content_type = request.content_type.lower()
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(request.query), header=Headers(dict(request.headers))
        )


class _AsResponse:
    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.content_type = reply.content_type
        self.headers = Headers(dict(reply.headers))
        self.data = reply.body


def _told(errors: Iterable[Exception]) -> list[str]:
    return [_text(error) for error in errors if not isinstance(error, PathError)]


def _text(error: Exception) -> str:
    """The reasons at the bottom of the error's causes, without the whole value they are about."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    reasons = [reason for cause in causes for reason in getattr(cause, "schema_errors", ())]
    told = [f"{reason.json_path}: {reason.message}" for reason in reasons]
    return f"{type(error).__name__}: " + ("; ".join(told) or str(causes[-1]))


def _with_open_maps(node: Any) -> Any:
    """Twilio's maps of addresses (`format: uri-map`) say nothing of their keys: any will do."""
    if isinstance(node, list):
        return [_with_open_maps(item) for item in node]
    if not isinstance(node, dict):
        return node
    opened = {"additionalProperties": True} if node.get("format") == "uri-map" else {}
    return {**{key: _with_open_maps(value) for key, value in node.items()}, **opened}
