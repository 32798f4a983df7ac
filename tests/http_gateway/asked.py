"""A request as it came, and what is wrong with it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    repeated_headers: frozenset[str]
    body: bytes
    server_name: str = ""  # what TLS was asked for

    @classmethod
    def received(
        cls, method: str, target: str, headers: list[tuple[str, str]], body: bytes, name: str
    ) -> "Asked":
        parts = urlsplit(target)
        names = [header.lower() for header, _value in headers]
        return cls(
            method=method,
            path=parts.path,
            query=parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)),
            headers={header.lower(): value for header, value in headers},
            repeated_headers=frozenset(one for one in names if names.count(one) > 1),
            body=body,
            server_name=name,
        )

    @property
    def fields(self) -> dict[str, Any]:
        """Of the JSON or form in the body, else of the query."""
        kind = self.headers.get("content-type", "").partition(";")[0]
        if kind == "application/json":
            content = json.loads(self.body)
            return content if isinstance(content, dict) else {}
        if kind == FORM:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))
        return dict(self.query)

    def violations(self) -> Iterator[str]:
        """What no right client sends, whatever the settings."""
        if self.repeated_headers:
            yield f"headers twice: {', '.join(sorted(self.repeated_headers))}"
        for name in ("cookie", "proxy-authorization", "transfer-encoding", "expect"):
            if name in self.headers:
                yield f"the header {name}"
        if not self.headers.get("host"):
            yield "no Host"
        if self.body and self.method == "GET":
            yield "GET with a body"
        if self.body and not self.headers.get("content-type"):
            yield "a body of no stated type"
        if len({name for name, _value in self.query}) < len(self.query):
            yield "a query field twice"
