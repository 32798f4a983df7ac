"""One door for clients and operators: password, then second factor, then the session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.http import HttpRequest

from clients.models import User
from twofa.results import Refused, SendRefused, Started, Verified
from twofa.vocabulary import FactorKind

HALF_SIGN_IN_LIFE = timedelta(minutes=10)


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
    raise NotImplementedError


def begin(request: HttpRequest, user: User) -> Next:
    """After the right password: a new session, with a half sign-in or signed in.

    Whatever the session held is gone, `next` too.
    """
    raise NotImplementedError


def half_sign_in(request: HttpRequest) -> HalfSignIn | None:
    """The password step of this session: dead after ten minutes, and when the password changes."""
    raise NotImplementedError


def send(request: HttpRequest, factor: FactorKind) -> Started | SendRefused:
    """Ask for a code of that factor, or ask again (*Resend*). NoHalfSignIn."""
    raise NotImplementedError


def verify(request: HttpRequest, *, factor: FactorKind, code: str) -> Verified | Refused:
    """Check the code, a recovery code too; when it is right, sign in under a new session id.

    NoHalfSignIn; also when the factor was disabled in the same moment.
    """
    raise NotImplementedError


def access(request: HttpRequest) -> Access:
    """For every page behind the door; costs at most two queries, none for a verified session."""
    raise NotImplementedError


def sign_out(request: HttpRequest) -> None:
    """End the session, on the server too."""
    raise NotImplementedError
