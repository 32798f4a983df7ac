"""Counting wrong codes: five in a row lock for a while, ten without a success until somebody acts.

Counters belong to the account, not to a session, a device or a factor; recovery codes have their
own. The row of `VerificationState` is what every verify, send, change and reset locks first.
"""

from datetime import datetime

from clients.models import User
from twofa.models import VerificationState
from twofa.results import Lock


def hold(user: User) -> VerificationState:
    """The user's row, locked until the end of the present transaction."""
    raise NotImplementedError


def lock_of(state: VerificationState, *, at: datetime) -> Lock | None:
    """The lock on codes that holds at that moment."""
    raise NotImplementedError


def of(user: User) -> Lock | None:
    """The same, for pages: without taking the row."""
    raise NotImplementedError
