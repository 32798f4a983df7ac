"""In which browsers an account was signed in to: a signed cookie says it, and nothing is stored.

It opens nothing. While passwords are guessed at from many addresses, or at many accounts from one,
it tells the client from the strangers, so that none of them can lock the client out. (A *device
cookie*: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies)
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from clients.models import User
from clients.users import normalise

SALT = "twofa.known_browsers"
LIFE = timedelta(days=180)
KEPT = 3  # accounts of one household
_MARK = 32  # hexadecimal digits
_NOTED = "_known_browser"


def note(request: HttpRequest, user: User) -> None:
    """Signed in just now: the answer to this request gives the browser its cookie."""
    setattr(request, _NOTED, _mark(user.email))


def is_known(request: HttpRequest, email: str) -> bool:
    mark = _mark(email)
    return any(constant_time_compare(mark, kept) for kept in _marks(request))


class RememberBrowser:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        mark: str | None = getattr(request, _NOTED, None)
        if mark:
            others = [kept for kept in _marks(request) if kept != mark]
            _put(response, [mark, *others][:KEPT])
        return response


def _put(response: HttpResponse, marks: list[str]) -> None:
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.TimestampSigner(salt=SALT).sign(".".join(marks)),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _marks(request: HttpRequest) -> list[str]:
    """None for anything that we did not make."""
    shown = request.COOKIES.get(settings.KNOWN_COOKIE_NAME, "")
    try:
        return signing.TimestampSigner(salt=SALT).unsign(shown, max_age=LIFE).split(".")
    except signing.BadSignature:
        return []


def _mark(email: str) -> str:
    return salted_hmac(SALT, normalise(email), algorithm="sha256").hexdigest()[:_MARK]
