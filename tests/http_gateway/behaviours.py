"""What the gateway does instead of its work."""

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    WORKS = auto()
    HANGS = auto()
    DRIPS = auto()
    SAYS = auto()


@dataclass(frozen=True, slots=True)
class Behaviour:
    kind: Kind = Kind.WORKS
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def slow(seconds: float) -> Behaviour:
    """Works, after a while."""
    return Behaviour(seconds=seconds)


def hang() -> Behaviour:
    """Takes the request and says nothing."""
    return Behaviour(Kind.HANGS)


def drip() -> Behaviour:
    """Answers one byte after the other, for ever."""
    return Behaviour(Kind.DRIPS)


def says(status: int, body: Any = b"") -> Behaviour:
    """That answer to everything; what is not bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Behaviour(Kind.SAYS, status, raw)


def redirect(to: str, status: int = 302) -> Behaviour:
    return Behaviour(Kind.SAYS, status, headers={"Location": to})


def huge(size: int = 2_000_000) -> Behaviour:
    return Behaviour(Kind.SAYS, body=b'{"id": "' + b"x" * size + b'"}')
