"""What happened to some clients of the demo: by the product's own functions, so that it is true."""

from collections.abc import Callable
from itertools import islice

from django.db import transaction
from django.utils import timezone

from backoffice.development.demo.people import Story, phone_of
from clients.models import Client
from twofa import challenges, locks, totp, verification
from twofa.models import Authenticator
from twofa.vocabulary import FactorKind, Purpose

BINDING = "demo"


def happen(story: Story, client: Client) -> None:
    _STORIES[story](client)


def _wrong_codes(client: Client) -> None:
    for code in _wrong(client, 3):
        _type(client, code)


def _locked(client: Client) -> None:
    for code in _wrong(client, 5):
        _type(client, code)


def _hard_locked(client: Client) -> None:
    _locked(client)
    with transaction.atomic():  # a day has passed …
        state = locks.hold(client.user)
        state.locked_until = None
        state.save(update_fields=["locked_until"])
    _locked(client)


def _unfinished(client: Client) -> None:
    Authenticator.objects.create(user=client.user, seed=totp.new_seed())


def _number_changed(client: Client) -> None:
    client.phone = phone_of(client.country, 99)
    client.phone_confirmed_at = None
    client.save(update_fields=["phone", "phone_confirmed_at"])


def _country_closed(client: Client) -> None:
    challenges.start(client.user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=BINDING)


def _type(client: Client, code: str) -> None:
    verification.verify(
        client.user,
        factor=FactorKind.AUTHENTICATOR,
        purpose=Purpose.SIGN_IN,
        binding=BINDING,
        code=code,
    )


def _wrong(client: Client, number: int) -> list[str]:
    """Codes that the client's authenticator shows at no time near the present."""
    seed = Authenticator.objects.get(user=client.user, confirmed=True).seed
    now = timezone.now()
    codes = (f"{value:06d}" for value in range(1, 10_000, 77))
    wrong = (
        code
        for code in codes
        if not totp.matches(seed, code, at=now) and totp.explain(seed, code, at=now) is None
    )
    return list(islice(wrong, number))


_STORIES: dict[Story, Callable[[Client], None]] = {
    Story.WRONG_CODES: _wrong_codes,
    Story.LOCKED: _locked,
    Story.HARD_LOCKED: _hard_locked,
    Story.UNFINISHED: _unfinished,
    Story.NUMBER_CHANGED: _number_changed,
    Story.COUNTRY_CLOSED: _country_closed,
}
