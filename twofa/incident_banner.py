"""Whether the code page says that text messages are delayed: an incident that clients notice.

Kept for some seconds in each process, so that a page mostly asks nothing for it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from smsproviders import incidents
from smsproviders.incident_scope import Scope
from smsproviders.models import SmsProvider
from twofa.models import Challenge
from twofa.numbers import country_of

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Trouble:
    """`providers`: the enabled ones, the first to try first; read only where a scope names one."""

    scopes: Sequence[Scope] = ()
    providers: Sequence[SmsProvider] = ()

    def concerns(self, number: str, country: str) -> bool:
        scopes = [scope for scope in self.scopes if scope.reaches(country, number)]
        return any(scope.provider_id is None for scope in scopes) or (
            bool(scopes) and self._is_first_in_trouble(scopes, country)
        )

    def _is_first_in_trouble(self, scopes: Sequence[Scope], country: str) -> bool:
        """What the next provider does, the client need not know of."""
        troubled = {scope.provider_id for scope in scopes}
        serving = [one.pk for one in self.providers if one.serves(country)]
        return bool(serving) and serving[0] in troubled


_kept: tuple[float, _Trouble] | None = None


def banner_for(challenge: Challenge) -> bool:
    """Whether codes to its number are delayed by more than its own bad luck."""
    number = challenge.number
    return bool(number) and _trouble().concerns(number, country_of(number))


def forget() -> None:
    """Ask the database again next time."""
    global _kept
    _kept = None


def _trouble() -> _Trouble:
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > SECONDS:
        _kept = (time.monotonic(), _read())
    return _kept[1]


def _read() -> _Trouble:
    scopes = [one.scope for one in incidents.open_now() if one.is_felt]
    if not any(scope.provider_id for scope in scopes):
        return _Trouble(scopes)
    enabled = SmsProvider.objects.filter(enabled=True)
    return _Trouble(scopes, list(enabled.order_by("priority", "caption", "pk")))
