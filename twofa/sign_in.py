"""One door for clients and operators: password, then second factor, then the session.

Between the two steps the session holds who began, when, and a fragment of the password's hash:
never the password, and nobody is signed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import django_otp
from django.contrib import auth
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from backoffice.common.ready_queries import ReadyQuery
from clients import sessions
from clients.models import User, UserSession
from clients.users import normalise
from twofa import (
    bindings,
    challenges,
    code_rows,
    factor_facts,
    known_browsers,
    locks,
    log_actions,
    resynchronising,
    step_up,
    trusted_browsers,
    trusted_cookie,
    verification,
)
from twofa.codes import equal
from twofa.models import TemporaryCode, TrustedBrowser
from twofa.results import Device, Refused, SendRefused, Started, Verified
from twofa.trusted_browsers import Trusted
from twofa.vocabulary import FactorKind, Purpose

HALF_SIGN_IN_LIFE = timedelta(minutes=10)
_KEY = "half_sign_in"
_READ = "_half_sign_in"
_hold_user = ReadyQuery(
    lambda user_id: User.objects.select_for_update(no_key=True).filter(pk=user_id), UUID(int=0)
)
_FRAGMENT = 24  # hexadecimal digits of a digest of the password's hash


class NoHalfSignIn(Exception):
    """No password step in this session, or it is over: begin again at `/sign-in/`."""


class Next(Enum):
    """What follows the right password."""

    CODE = "code"  # a half sign-in stands; ask for the second factor
    SIGNED_IN = "signed_in"  # no factor, none required: signed in by password
    ENROL = "enrol"  # signed in unverified: nothing but enrolment


class Access(Enum):
    """What the session of a request may see."""

    NOTHING = "nothing"  # not signed in, or by password only though there is a factor
    ENROLMENT = "enrolment"  # must enable a factor first
    EVERYTHING = "everything"  # of its own role


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    user: User
    began_at: datetime
    ends_at: datetime


def check_password(request: HttpRequest, *, email: str, password: str) -> User | None:
    """The user with that e-mail and password who may sign in, or None; logged either way.

    Takes as long, and answers the same, for an e-mail nobody has. Password guessing is counted by
    django-axes.
    """
    email = normalise(email)
    found = auth.authenticate(request, email=email, password=password)
    user = found if isinstance(found, User) and found.may_sign_in else None
    # Asked for in both cases, so that both take as long.
    known = User.objects.filter(email=email).first()
    subject = log_actions.subject(known) if known else ""
    if log_actions.is_flood(request, log_actions.PASSWORD_REFUSED, subject):
        return None
    log.record(
        log_actions.PASSWORD_ACCEPTED if user else log_actions.PASSWORD_REFUSED,
        actor=log_actions.actor(user) if user else log.ANYONE,
        subject=subject,
        outcome=Outcome.DONE if user else Outcome.FAILED,
        facts={"right_password": found is not None},
    )
    return user


def begin(request: HttpRequest, user: User) -> Next:
    """After the right password: a new session, with a half sign-in or signed in.

    Whatever the session held is gone, `next` too.
    """
    _leave(request)
    if factor_facts.enabled(user):
        bindings.renew(request)
        request.session[_KEY] = {
            "user": str(user.pk),
            "backend": _backend_of(user),
            "began_at": timezone.now().timestamp(),
            "password": _password_fragment(user),
        }
        return Next.CODE
    _sign_in(request, user, backend=_backend_of(user), device=None)
    step_up.remember_password(request)
    return Next.ENROL if factor_facts.is_required(user) else Next.SIGNED_IN


def half_sign_in(request: HttpRequest) -> HalfSignIn | None:
    """The password step of this session: dead after ten minutes, and when the password changes."""
    kept = request.session.get(_KEY)
    if kept is None:
        return None
    began_at = _began(kept)
    ends_at = began_at + HALF_SIGN_IN_LIFE
    user = code_rows.person(UUID(kept["user"]))
    if (
        user is None
        or timezone.now() >= ends_at
        or not user.may_sign_in
        or not equal(kept["password"], _password_fragment(user))
    ):
        del request.session[_KEY]
        return None
    half = HalfSignIn(user=user, began_at=began_at, ends_at=ends_at)
    setattr(request, _READ, half)
    return half


def half_signed_in(request: HttpRequest) -> UUID | None:
    """Whose password was right in this session, for the time that a half sign-in lives.

    Read without the database, for what every page asks; it lets nobody do anything.
    """
    kept = request.session.get(_KEY)
    if kept is None or timezone.now() >= _began(kept) + HALF_SIGN_IN_LIFE:
        return None
    return UUID(kept["user"])


def send(request: HttpRequest, factor: FactorKind) -> Started | SendRefused:
    """Ask for a code of that factor, or ask again (*Resend*). NoHalfSignIn."""
    half = _asked_already(request)
    return challenges.start(
        half.user, factor=factor, purpose=Purpose.SIGN_IN, binding=bindings.of(request)
    )


def verify(request: HttpRequest, *, factor: FactorKind, code: str) -> Verified | Refused:
    """Check the code, a spare one too; when it is right, sign in under a new session id.

    NoHalfSignIn without a password step. The session begins in the transaction that uses the code
    up and holds the user's rows: whoever disables the factor, blocks the client or changes the
    password comes before, and nobody is signed in, or after, and ends this session too.
    """
    half = _asked_already(request)
    return verification.verify(
        half.user,
        factor=factor,
        purpose=Purpose.SIGN_IN,
        binding=bindings.of(request),
        code=code,
        accepted=_signing_in(request, half.user),
    )


def resynchronise(request: HttpRequest, *, first: str, second: str) -> Verified | Refused:
    """The same by two codes in a row, when an operator allowed it."""
    half = _asked_already(request)
    return resynchronising.resynchronise(
        half.user,
        purpose=Purpose.SIGN_IN,
        binding=bindings.of(request),
        first=first,
        second=second,
        also=_signing_in(request, half.user),
    )


def by_trusted_browser(request: HttpRequest) -> Trusted | None:
    """After the right password: sign in without a code, if this browser is trusted.

    The answer has to give the browser its next proof. None: ask for the code.
    """
    proof, half = trusted_cookie.shown(request), half_sign_in(request)
    if proof is None or half is None:
        return None
    with transaction.atomic():
        state = locks.hold(half.user)
        _hold_user(half.user.pk)
        # Looked at once more: it may have been blocked, or its password changed, a moment ago.
        held = half_sign_in(request)
        if held is None:
            return None
        at = timezone.now()
        trusted = trusted_browsers.redeem(held.user, proof, state=state, at=at)
        if trusted is not None:
            backend = request.session[_KEY]["backend"]
            session = _sign_in(request, held.user, backend=backend, device=trusted.browser)
            trusted_browsers.note_session(trusted.browser, session)
    return trusted


def _signing_in(request: HttpRequest, user: User) -> Callable[[Verified], None]:
    backend = request.session[_KEY]["backend"]

    def sign_in(verified: Verified) -> None:
        _hold_user(user.pk)
        _required(request)
        _sign_in(request, user, backend=backend, device=verified.device)

    return sign_in


def access(request: HttpRequest) -> Access:
    """For every page behind the door; a verified session costs no query."""
    user = request.user
    if not isinstance(user, User):
        return Access.NOTHING
    device = getattr(user, "otp_device", None)
    if device is not None and not trusted_browsers.is_void(user, device):
        return Access.EVERYTHING
    if factor_facts.enabled(user):
        return Access.NOTHING
    return Access.ENROLMENT if factor_facts.is_required(user) else Access.EVERYTHING


def sign_out(request: HttpRequest) -> None:
    """End the session, on the server too."""
    if isinstance(request.user, User):
        log.record(
            log_actions.SIGNED_OUT,
            actor=log_actions.actor(request.user),
            subject=log_actions.subject(request.user),
        )
    _leave(request)


def _leave(request: HttpRequest) -> None:
    row = UserSession.objects.filter(session_key=request.session.session_key or "").first()
    if row is not None:
        sessions.end(row)
    auth.logout(request)
    vars(request).pop(_READ, None)


def _sign_in(
    request: HttpRequest, user: User, *, backend: str, device: Device | TrustedBrowser | None
) -> UserSession:
    with transaction.atomic():
        locks.hold(user)
        request.session.pop(_KEY, None)
        auth.login(request, user, backend=backend)
        if device is not None:
            django_otp.login(request, device)
            if isinstance(device, TemporaryCode):
                step_up.remember_code_from_support(request)
        bindings.renew(request)
        session = sessions.start(request, user)
        known_browsers.note(request, user)
        log.record(
            log_actions.SIGNED_IN,
            actor=log_actions.actor(user),
            subject=log_actions.subject(user),
            facts={"factor": str(device.kind) if device else ""},
        )
    return session


def _asked_already(request: HttpRequest) -> HalfSignIn:
    """As the page read it a moment ago; what a code allows is judged anew, under the lock."""
    return getattr(request, _READ, None) or _required(request)


def _required(request: HttpRequest) -> HalfSignIn:
    half = half_sign_in(request)
    if half is None:
        raise NoHalfSignIn
    return half


def _began(kept: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(kept["began_at"], tz=UTC)


def _password_fragment(user: User) -> str:
    return user.get_session_auth_hash()[:_FRAGMENT]


def _backend_of(user: Any) -> str:
    """The one that `authenticate()` found the user with."""
    backend: str | None = getattr(user, "backend", None)
    if backend is None:
        raise PermissionDenied("the password was not checked")
    return backend
