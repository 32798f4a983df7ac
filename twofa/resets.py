"""What an operator does to a client's second factor: disable it, unlock it.

One function per act, for pages, bulk actions and commands alike: permission, change, log, notice
and signal in one transaction. The operator's fresh code is checked before, by
`step_up.verify_for_act`.
"""

from enum import Enum

from clients.models import User
from twofa.models.reset import ResetScope
from twofa.results import ResetDone, Unlocked


class NotDone(Enum):
    """Why nothing was changed. Each but NOTHING_TO_DO is logged as refused."""

    NOT_ALLOWED = "not_allowed"  # the operator lacks the permission, or the target is an operator
    OWN_FACTOR = "own_factor"
    REASON_MISSING = "reason_missing"
    NOT_REQUESTED = "not_requested"  # the client did not ask for it, or was not identified
    TOO_MANY = "too_many"  # this operator's limit an hour; reported
    NOTHING_TO_DO = "nothing_to_do"  # done already: repeating is harmless


def may_disable(operator: User, user: User) -> bool:
    """For the page: whether to show the button (permission, not one's own, rank)."""
    raise NotImplementedError


def may_unlock(operator: User, user: User) -> bool:
    raise NotImplementedError


def disable(
    user: User,
    scope: ResetScope,
    *,
    operator: User | None,
    reason: str,
    client_request: bool,
    ticket: str = "",
) -> ResetDone | NotDone:
    """Disable a factor, or all, at the client's explicit request and responsibility.

    `operator` None: the command line. All sessions of the client end; the client is told by e-mail
    and a removed number by SMS, in words. What was begun and not confirmed goes too, and with the
    last factor the recovery codes.
    """
    raise NotImplementedError


def unlock(
    user: User, *, operator: User | None, reason: str, ticket: str = ""
) -> Unlocked | NotDone:
    """Clear every counter and lock of wrong codes, recovery codes' too."""
    raise NotImplementedError
