"""The way of a code to one number: providers, our own rules for it, and what is usual there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.common.masking import mask_phone
from smsproviders import incidents
from smsproviders.models import (
    EVERYWHERE,
    Incident,
    PauseReason,
    RoutePause,
    RouteScope,
    SmsMessage,
)
from smsproviders.policy_keys import SPEND_CAP_COUNTRY_HOUR, SPEND_CAP_HOUR
from smsproviders.prefixes import prefix_of
from smsproviders.route_baseline import Baseline, baseline
from smsproviders.route_state import ProviderState, SwitchedOff, route_state
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.words import Words, clock, later
from twofa.policy_keys import ALLOWED_COUNTRIES


@dataclass(frozen=True, slots=True)
class Paused:
    """Our own pause of the number's prefix or country, or a cap of spend."""

    what: str
    words: Words
    since: datetime
    until: datetime
    is_hold: bool  # since a provider suspects fraud


@dataclass(frozen=True, slots=True)
class RouteFacts:
    country: str
    is_allowed: bool  # by System > Settings
    pause: Paused | None
    serving: Sequence[ProviderState]  # enabled, the first to try first
    disabled: Sequence[SwitchedOff]
    baseline: Baseline | None  # of the provider that took the newest message
    incidents: Sequence[Incident]  # that may concern the number, by whichever provider

    @property
    def is_open(self) -> bool:
        return any(state.stops is None for state in self.serving)

    def state_of(self, provider_id: UUID | None) -> ProviderState | None:
        return next((one for one in self.serving if one.provider.pk == provider_id), None)


def route_facts(
    number: str,
    *,
    country: str,
    messages: Sequence[MessageFacts],
    at: datetime,
    is_past: bool = False,
    was_closed: bool = False,
    is_known: bool = False,
) -> RouteFacts:
    """At most five queries. Of a past moment only pauses and what was usual are known.

    `was_closed`: its last request was refused for the country then. `is_known`: a code sent to the
    number was typed before, which exempts it from pauses.
    """
    route = route_state(country)
    for one in messages:
        for attempt in one.attempts:
            attempt.provider = route.providers.get(attempt.provider_id)  # type: ignore[arg-type]
    return RouteFacts(
        country=country,
        is_allowed=not was_closed if is_past else country in ALLOWED_COUNTRIES(),
        pause=_pause(number, country, at, is_known=is_known) if number else None,
        serving=() if is_past else route.serving,
        disabled=() if is_past else route.disabled,
        baseline=_baseline(messages, at),
        incidents=_incidents(number, country, at, is_past=is_past),
    )


def _incidents(number: str, country: str, at: datetime, *, is_past: bool) -> Sequence[Incident]:
    return incidents.of_number(number, country, moment=at if is_past else None) if number else ()


def _pause(number: str, country: str, at: datetime, *, is_known: bool) -> Paused | None:
    """Of prefix or country, unless a code to the number was typed before; else a cap of spend."""
    found = list(_in_force(number, country, at))
    of_routes = [row for row in found if row.reason != PauseReason.SPEND_CAP]
    keeping = [row for row in of_routes if not (is_known or row.spares)]
    caps = [row for row in found if row.reason == PauseReason.SPEND_CAP and _is_spent(row)]
    row = next(iter([*keeping, *caps]), None)
    if row is None:
        return None
    return Paused(
        what=mask_phone(number) if row.scope == RouteScope.PREFIX else country,
        words=later(_reason, row),
        since=row.began_at,
        until=row.ends_at,
        is_hold=row.reason == PauseReason.FRAUD_HOLD,
    )


def _reason(row: RoutePause) -> str:
    return _("%(why)s, until %(time)s") % {
        "why": row.get_reason_display(),
        "time": clock(row.ends_at),
    }


def _is_spent(row: RoutePause) -> bool:
    """Still, by the settings as they are now: a higher cap opens the route at once."""
    cap = SPEND_CAP_HOUR() if row.route == EVERYWHERE else SPEND_CAP_COUNTRY_HOUR()
    return row.cap is None or cap <= row.cap


def _in_force(number: str, country: str, at: datetime) -> QuerySet[Any]:
    """`spares`: a code to the number was typed before, as `pauses.has_converted` asks."""
    typed = SmsMessage.objects.filter(number=number, converted_at__lte=at)
    return (
        RoutePause.objects.filter(Q(lifted_at=None) | Q(lifted_at__gt=at))
        .filter(
            route__in=[prefix_of(number), country, EVERYWHERE], began_at__lte=at, ends_at__gt=at
        )
        .annotate(spares=Exists(typed))
        .order_by("-ends_at")
    )


def _baseline(messages: Sequence[MessageFacts], at: datetime) -> Baseline | None:
    if not messages or messages[0].last_attempt is None:
        return None
    newest = messages[0]
    provider_id = newest.attempts[-1].provider_id
    if provider_id is None:
        return None
    return baseline(provider_id, newest.message.country, but=newest.message.pk, at=at)
