"""The factors of a user: what is enabled, what sign-in offers, disabling one's own."""

from django.http import HttpRequest

from clients.models import User
from twofa.results import Overview
from twofa.vocabulary import FactorKind


class LastFactorRequired(Exception):
    """The only factor cannot be disabled where one is required: replace it instead."""


def overview(user: User) -> Overview:
    """Everything the security page and the operator's 2FA section show; six queries."""
    raise NotImplementedError


def enabled(user: User) -> frozenset[FactorKind]:
    """The confirmed main factors, whether their method is switched on or not."""
    raise NotImplementedError


def offered(user: User) -> list[FactorKind]:
    """The main factors a code may be asked of now, the last used first."""
    raise NotImplementedError


def is_required(user: User) -> bool:
    """Whether this user must have a factor: operators always, clients by System > Settings."""
    raise NotImplementedError


def disable(request: HttpRequest, kind: FactorKind) -> None:
    """Disable one's own factor: log, notice, other sessions ended. Repeating it is harmless.

    With the last factor the recovery codes go too. `step_up.NotFresh` without a fresh step-up,
    LastFactorRequired where a factor is required. A session that was verified by this very factor
    is not verified any more.
    """
    raise NotImplementedError
