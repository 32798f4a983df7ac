"""The way of a code to one number: providers, our own rules for it, and what is usual there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.common.masking import mask_phone
from smsproviders import pauses
from smsproviders.models import (
    EVERYWHERE,
    PauseReason,
    RoutePause,
    RouteScope,
    SmsProvider,
)
from smsproviders.route_state import Baseline, ProviderState, baseline, route_state
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.words import clock
from twofa.policy_keys import ALLOWED_COUNTRIES


@dataclass(frozen=True, slots=True)
class Paused:
    """Our own pause of the number's prefix or country."""

    what: str
    words: str
    since: datetime
    is_hold: bool  # since a provider suspects fraud


@dataclass(frozen=True, slots=True)
class RouteFacts:
    country: str
    is_allowed: bool  # by System > Settings
    pause: Paused | None
    serving: Sequence[ProviderState]  # enabled, the first to try first
    disabled: Sequence[SmsProvider]
    baseline: Baseline | None  # of the provider that took the newest message

    @property
    def is_open(self) -> bool:
        return any(state.stops is None for state in self.serving)

    def state_of(self, provider_id: UUID | None) -> ProviderState | None:
        return next((one for one in self.serving if one.provider.pk == provider_id), None)


def route_facts(number: str, *, country: str, messages: Sequence[MessageFacts]) -> RouteFacts:
    """Up to six queries."""
    route = route_state(country)
    return RouteFacts(
        country=country,
        is_allowed=country in ALLOWED_COUNTRIES(),
        pause=_pause(number, country),
        serving=route.serving,
        disabled=route.disabled,
        baseline=_baseline(messages),
    )


def _pause(number: str, country: str) -> Paused | None:
    if not number:
        return None
    now = timezone.now()
    found = pauses.blocking(number, country, at=now) or _spent(country, now)
    if found is None:
        return None
    words = _("%(why)s, until %(time)s") % {
        "why": found.get_reason_display(),
        "time": clock(found.ends_at),
    }
    what = mask_phone(number) if found.scope == RouteScope.PREFIX else country
    return Paused(
        what=what, words=words, since=found.began_at, is_hold=found.reason == PauseReason.FRAUD_HOLD
    )


def _spent(country: str, now: datetime) -> RoutePause | None:
    """A cap of spend that is reached exempts nobody."""
    caps = pauses.in_force(now).filter(reason=PauseReason.SPEND_CAP)
    return caps.filter(route__in=[country, EVERYWHERE]).first()


def _baseline(messages: Sequence[MessageFacts]) -> Baseline | None:
    if not messages or messages[0].last_attempt is None:
        return None
    newest = messages[0]
    provider_id = newest.attempts[-1].provider_id
    if provider_id is None:
        return None
    return baseline(provider_id, newest.message.country, but=newest.message.pk)
