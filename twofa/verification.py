"""Checking a code: one locked transaction that compares, counts and consumes."""

from collections.abc import Callable

from clients.models import User
from twofa.results import Refused, Verified
from twofa.vocabulary import FactorKind, Purpose


def verify(
    user: User,
    *,
    factor: FactorKind,
    purpose: Purpose,
    binding: str,
    code: str,
    accepted: Callable[[Verified], None] | None = None,
) -> Verified | Refused:
    """Check what was typed against the session's own challenge.

    Commits before it returns, whatever happens later: must not be called inside a transaction
    (RuntimeError). `accepted` runs in the same transaction, so that a code is used up only together
    with what it allowed.
    """
    raise NotImplementedError
