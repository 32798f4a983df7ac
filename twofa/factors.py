"""The factors of a user: reading them, and disabling one's own."""

from django.db import transaction
from django.http import HttpRequest

from clients import sessions
from twofa import people, step_up
from twofa.factor_changes import remove, tell_removed
from twofa.factor_facts import enabled, is_required, offered, overview
from twofa.signals import factor_disabled
from twofa.vocabulary import FactorKind

__all__ = ["LastFactorRequired", "disable", "enabled", "is_required", "offered", "overview"]


class LastFactorRequired(Exception):
    """The only factor cannot be disabled where one is required: replace it instead."""


def disable(request: HttpRequest, kind: FactorKind) -> None:
    """Disable one's own factor: log, notice, other sessions ended. Repeating it is harmless.

    With the last factor the recovery codes go too. `step_up.NotFresh` without a fresh step-up,
    LastFactorRequired where a factor is required. A session that was verified by this very factor
    is not verified any more.
    """
    user = people.signed_in(request)
    with transaction.atomic():
        step_up.hold_fresh(request)
        if enabled(user) == {kind} and is_required(user):
            raise LastFactorRequired
        removed = remove(user, (kind,))
        if not removed.kinds:
            return
        tell_removed(user, removed)
        sessions.end_all(user, but=request.session.session_key)
        factor_disabled.send(type(user), user=user, kind=kind)
