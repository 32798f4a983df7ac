"""A fresh second factor before every change, and before every act of an operator.

A sign-in does not count: each change asks again. While a user has no factor yet, the password is
what is asked, and the one just given at sign-in counts. So does, for one new factor and nothing
else, the code from support of somebody who lost the old one.
"""

from datetime import UTC, datetime, timedelta

import django_otp
from django.contrib import auth
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients import sessions
from clients.models import User
from twofa import bindings, challenges, factor_facts, locks, log_actions, people, verification
from twofa.results import Refused, SendRefused, Started, Verified
from twofa.vocabulary import FactorKind, Purpose

FRESH = timedelta(minutes=5)
# Time to install an app, for who signed in with a code from support.
TIME_TO_ENROL = timedelta(minutes=15)
_KEY = "step_up"
_PASSWORD = "password"  # noqa: S105 - names what was asked for, is none


class NotFresh(Exception):
    """Ask for a fresh second factor (or password) first."""


def by_password(request: HttpRequest) -> bool:
    """Whether this user, without a factor, is asked for the password instead of a code."""
    return not factor_facts.enabled(people.signed_in(request))


def is_fresh(request: HttpRequest, *, enrolling: bool = False) -> bool:
    """Whether this session was confirmed less than five minutes ago, by the best there is."""
    user = people.signed_in(request)
    kept = request.session.get(_KEY)
    if kept is None or kept["user"] != str(user.pk):
        return False
    by_support = kept["by"] == FactorKind.TEMPORARY
    if by_support and not enrolling:
        return False
    age = timezone.now().timestamp() - kept["at"]
    if not 0 <= age < (TIME_TO_ENROL if by_support else FRESH).total_seconds():
        return False
    # A password is enough only until there is a factor.
    return kept["by"] != _PASSWORD or not factor_facts.enabled(user)


def fresh_until(request: HttpRequest) -> datetime | None:
    """Until when no change asks again; None when the next one does."""
    if by_password(request) or not is_fresh(request):
        return None
    return datetime.fromtimestamp(request.session[_KEY]["at"], tz=UTC) + FRESH


def require(request: HttpRequest, *, enrolling: bool = False) -> None:
    """NotFresh unless the session has a fresh step-up."""
    if not is_fresh(request, enrolling=enrolling):
        raise NotFresh


def hold_fresh(request: HttpRequest, *, enrolling: bool = False) -> None:
    """`require`, holding the user's row: what a change begins with, in its transaction.

    Looked at before the row is held, a change that came just earlier would not be seen.
    `enrolling`: the change is to begin a factor.
    """
    hold_signed_in(request)
    require(request, enrolling=enrolling)


def hold_signed_in(request: HttpRequest) -> None:
    """Hold the user's row; PermissionDenied when the session was ended meanwhile."""
    locks.hold(people.signed_in(request))
    require_session(request)


def require_session(request: HttpRequest) -> None:
    """PermissionDenied when the session was ended since the request began."""
    if sessions.has_ended(request):
        raise PermissionDenied


def send(request: HttpRequest, factor: FactorKind) -> Started | SendRefused:
    """Ask for a code to confirm a change; an authenticator needs no asking."""
    return _send(request, factor, Purpose.STEP_UP)


def verify(request: HttpRequest, *, factor: FactorKind, code: str) -> Verified | Refused:
    """Check the code; when right, the session is fresh for five minutes, under a new id."""
    user = people.signed_in(request)
    result = verification.verify(
        user,
        factor=factor,
        purpose=Purpose.STEP_UP,
        binding=bindings.of(request),
        code=code,
        accepted=lambda verified: _log(user, by=str(verified.factor), outcome=Outcome.DONE),
    )
    if isinstance(result, Verified):
        if people.code_device(request) is None:
            # Begun by a trusted browser: from now on it outlives the end of that trust.
            django_otp.login(request, result.device)
        _remember(request, by=str(factor))
    return result


def check_password(request: HttpRequest, password: str) -> bool:
    """The same by password; counted by django-axes. False also while a factor is enabled."""
    user = people.signed_in(request)
    if factor_facts.enabled(user):
        return False
    right = auth.authenticate(request, email=user.email, password=password) == user
    if not log_actions.is_flood(request, log_actions.STEPPED_UP, log_actions.subject(user)):
        _log(user, by=_PASSWORD, outcome=Outcome.DONE if right else Outcome.FAILED)
    if right:
        _remember(request, by=_PASSWORD)
    return right


def remember_password(request: HttpRequest) -> None:
    """The password was given just now, at sign-in. Called by `twofa.sign_in` only."""
    _note(request, by=_PASSWORD)


def remember_code_from_support(request: HttpRequest) -> None:
    """It was given just now, at sign-in: one factor may be enabled. Called by `twofa.sign_in`."""
    _note(request, by=FactorKind.TEMPORARY.value)


def forget_code_from_support(request: HttpRequest) -> None:
    """The factor that it was for is enabled."""
    kept = request.session.get(_KEY)
    if kept and kept["by"] == FactorKind.TEMPORARY:
        del request.session[_KEY]


def send_for_act(request: HttpRequest, factor: FactorKind) -> Started | SendRefused:
    """Ask for the operator's own code for one act."""
    return _send(request, factor, Purpose.OPERATOR_ACT)


def verify_for_act(request: HttpRequest, *, factor: FactorKind, code: str) -> Verified | Refused:
    """Check the operator's own fresh code; holds for this one act, nothing is remembered."""
    return verification.verify(
        people.signed_in(request),
        factor=factor,
        purpose=Purpose.OPERATOR_ACT,
        binding=bindings.of(request),
        code=code,
    )


def renew_session(request: HttpRequest) -> None:
    """A new session id; the old one is dead at once."""
    old_key = request.session.session_key
    request.session.cycle_key()
    sessions.renew_key(old_key, request)


def _send(request: HttpRequest, factor: FactorKind, purpose: Purpose) -> Started | SendRefused:
    return challenges.start(
        people.signed_in(request), factor=factor, purpose=purpose, binding=bindings.of(request)
    )


def _remember(request: HttpRequest, *, by: str) -> None:
    _note(request, by=by)
    renew_session(request)


def _note(request: HttpRequest, *, by: str) -> None:
    request.session[_KEY] = {
        "user": str(people.signed_in(request).pk),
        "at": timezone.now().timestamp(),
        "by": by,
    }


def _log(user: User, *, by: str, outcome: Outcome) -> None:
    log.record(
        log_actions.STEPPED_UP,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        outcome=outcome,
        facts={"by": by},
    )
