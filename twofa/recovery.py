"""Recovery codes: ten, shown once, kept as keyed hashes, each used once."""

from django.http import HttpRequest

from clients.models import User

CODES = 10


def left(user: User) -> int:
    """How many codes are unused."""
    raise NotImplementedError


def make(request: HttpRequest) -> tuple[str, ...]:
    """Ten new codes, such as `ABCD-EFGH-JKLM-NPQR`; the old ones are void.

    `step_up.NotFresh` without a fresh step-up. Logged, and told to the client.
    """
    raise NotImplementedError


def as_typed(text: str) -> str:
    """A code without spaces, dashes and case, or "" when it cannot be one."""
    raise NotImplementedError
