"""People between password and code: each with a factor, and a session that waits for its code.

The password step is left out of what is measured: its hash is slow on purpose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from clients.models import User
from tests.twofa import people
from twofa import bindings, challenges, sign_in, totp
from twofa.results import Started
from twofa.vocabulary import FactorKind, Purpose

_numbers = count()


@dataclass(frozen=True, slots=True)
class Visitor:
    session_key: str
    # Of an authenticator; "" for SMS.
    seed: str = ""
    # The code that was sent by SMS; "" when none was.
    code: str = ""

    def app_code(self) -> str:
        return totp.code_at(self.seed, totp.step_at(timezone.now()))

    def wrong_app_code(self) -> str:
        """Fits at no moment near the present. Most cost the whole search for an explanation."""
        present = totp.step_at(timezone.now())
        near = {totp.code_at(self.seed, present + offset) for offset in range(-2, 5)}
        return next(code for code in map("{:06d}".format, range(10)) if code not in near)


def with_authenticator(number: int) -> list[Visitor]:
    def make(user: User) -> Visitor:
        seed = people.authenticator(user).seed
        return Visitor(_after_the_password(user), seed=seed)

    return _people(number, make)


def with_sms(number: int) -> list[Visitor]:
    def make(user: User) -> Visitor:
        people.sms(user, next_number())
        return Visitor(_after_the_password(user))

    return _people(number, make)


def with_sms_asked_for(number: int) -> list[Visitor]:
    """A code was asked for; its message waits in the queue."""

    def make(user: User) -> Visitor:
        people.sms(user, next_number())
        key = _after_the_password(user)
        return Visitor(key, code=_asked_for(user, key))

    return _people(number, make)


def next_number() -> str:
    """A French mobile number that nobody had yet."""
    return f"+336{next(_numbers) + 10_000_000:08d}"


def _people(number: int, make: Callable[[User], Visitor]) -> list[Visitor]:
    with transaction.atomic():
        made = [make(people.client(f"client{next(_numbers)}@example.com")) for _ in range(number)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return made


def _after_the_password(user: User) -> str:
    browser = people.Browser()
    with browser.visit() as request:
        user.backend = settings.AUTHENTICATION_BACKENDS[-1]
        sign_in.begin(request, user)
    return str(browser.key)


def _asked_for(user: User, key: str) -> str:
    browser = people.Browser()
    browser.key = key
    with browser.visit() as request:
        binding = bindings.of(request)
    answer = challenges.start(user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=binding)
    assert isinstance(answer, Started), answer
    return answer.challenge.code
