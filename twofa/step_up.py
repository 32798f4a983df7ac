"""A fresh second factor before every change, and before every act of an operator.

A sign-in does not count: each change asks again. While a user has no factor yet, the password is
what is asked, and the one just given at sign-in counts.
"""

from datetime import timedelta

from django.http import HttpRequest

from twofa.results import Refused, SendRefused, Started, Verified
from twofa.vocabulary import FactorKind

FRESH = timedelta(minutes=5)


class NotFresh(Exception):
    """Ask for a fresh second factor (or password) first."""


def by_password(request: HttpRequest) -> bool:
    """Whether this user, without a factor, is asked for the password instead of a code."""
    raise NotImplementedError


def is_fresh(request: HttpRequest) -> bool:
    raise NotImplementedError


def require(request: HttpRequest) -> None:
    """NotFresh unless the session has a fresh step-up."""
    raise NotImplementedError


def send(request: HttpRequest, factor: FactorKind) -> Started | SendRefused:
    """Ask for a code to confirm a change; an authenticator needs no asking."""
    raise NotImplementedError


def verify(request: HttpRequest, *, factor: FactorKind, code: str) -> Verified | Refused:
    """Check the code; when right, the session is fresh for five minutes, under a new id."""
    raise NotImplementedError


def check_password(request: HttpRequest, password: str) -> bool:
    """The same by password; counted by django-axes. False also while a factor is enabled."""
    raise NotImplementedError


def send_for_act(request: HttpRequest, factor: FactorKind) -> Started | SendRefused:
    """Ask for the operator's own code for one act."""
    raise NotImplementedError


def verify_for_act(request: HttpRequest, *, factor: FactorKind, code: str) -> Verified | Refused:
    """Check the operator's own fresh code; holds for this one act, nothing is remembered."""
    raise NotImplementedError
