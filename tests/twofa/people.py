"""People with factors, codes that are right and wrong, and a browser without HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django_otp.middleware import OTPMiddleware

from backoffice.common.request_context import RequestContext, during
from clients.middleware import KeepSession
from clients.models import Client, User
from twofa import challenges, recovery_codes, totp
from twofa.models import Authenticator, SmsConfirmation
from twofa.results import Started, Verified
from twofa.verification import verify
from twofa.vocabulary import FactorKind, Purpose

NUMBER = "+33612345678"
BINDING = "b" * 64
PASSWORD = "correct horse battery staple"


def client(email: str = "ann@example.com", *, language: str = "en", password: str = "") -> User:
    user = User(email=email)
    if password:
        user.set_password(password)
    user.save()
    Client.objects.create(user=user, name="Ann", language=language)
    return user


def operator(email: str = "desk@example.com", *, group: str = "Security desk") -> User:
    user = User.objects.create(email=email, is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def authenticator(user: User, *, confirmed: bool = True) -> Authenticator:
    return Authenticator.objects.create(
        user=user, seed=totp.new_seed(), confirmed=confirmed, confirmed_at=timezone.now()
    )


def sms(user: User, number: str = NUMBER, *, confirmed: bool = True) -> SmsConfirmation:
    return SmsConfirmation.objects.create(
        user=user, number=number, confirmed=confirmed, confirmed_at=timezone.now()
    )


def codes(user: User) -> tuple[str, ...]:
    return recovery_codes.make_anew(user)


def app_code(device: Authenticator, *, steps: int = 0, at: datetime | None = None) -> str:
    """What an authenticator app shows, whose clock is so many steps ahead."""
    return totp.code_at(device.seed, totp.step_at(at or timezone.now()) + steps)


def wrong_app_code(device: Authenticator) -> str:
    """Six digits that match nowhere, not even to explain."""
    at = timezone.now()
    seed = device.seed
    return next(
        code
        for code in (f"{number:06d}" for number in range(1000))
        if not totp.matches(seed, code, at=at) and totp.explain(seed, code, at=at) is None
    )


def wrong_sms_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def sent_code(user: User, *, purpose: Purpose = Purpose.SIGN_IN, binding: str = BINDING) -> str:
    """Ask for a code by SMS and read it as the phone does."""
    started = challenges.start(user, factor=FactorKind.SMS, purpose=purpose, binding=binding)
    assert isinstance(started, Started), started
    return started.challenge.code


def try_code(
    user: User,
    code: str,
    factor: FactorKind = FactorKind.AUTHENTICATOR,
    *,
    purpose: Purpose = Purpose.SIGN_IN,
    binding: str = BINDING,
) -> object:
    """What came of it: the outcome's word, "accepted" too."""
    result = verify(user, factor=factor, purpose=purpose, binding=binding, code=code)
    return "accepted" if isinstance(result, Verified) else str(result.outcome)


@contextmanager
def asking_from(address: str) -> Iterator[None]:
    with during(RequestContext(request_id="r", address=address, browser="Firefox")):
        yield


class Browser:
    """A session cookie, and what the middlewares make of it."""

    def __init__(self) -> None:
        self.key: str | None = None

    @contextmanager
    def visit(self) -> Iterator[HttpRequest]:
        request = RequestFactory().post("/")
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.key)
        seen: list[HttpRequest] = []

        def view(inner: HttpRequest) -> HttpResponse:
            seen.append(inner)
            return HttpResponse()

        AuthenticationMiddleware(KeepSession(OTPMiddleware(view)))(request)
        yield seen[0]
        request.session.save()
        self.key = request.session.session_key
