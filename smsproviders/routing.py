"""The route of a message: which providers may send it, in which order.

Enabled, serving the country, by priority. One whose last check found its account unusable goes
last, not out: a check may be old by now. One whose breaker is open keeps its place, and is marked:
sending passes it over, and lets one message probe it when its time is up. Where an API needs a
sender, the backend's form asks for one that serves every country: without it the provider counts
as not set up, and is passed over with a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from backoffice.common.ready_queries import ReadyQuery
from smsproviders.models import EVERY_COUNTRY, SmsMessage, SmsProvider
from smsproviders.vocabulary import CheckResult


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """Of one provider towards the message's country. See Breaker for `probe_at`."""

    probe_at: datetime
    is_probed: bool
    cause: str


@dataclass(frozen=True, slots=True)
class Route:
    """`providers` in their order. `alone`: no other provider is enabled, for any country."""

    providers: Mapping[UUID, SmsProvider]
    breakers: Mapping[UUID, OpenBreaker] = field(default_factory=dict)
    alone: bool = True


# One read: two rows of a provider that has two open breakers.
_with_open_breakers: ReadyQuery[Any] = ReadyQuery(
    lambda country: (
        SmsProvider.objects.filter(enabled=True)
        .annotate(
            held_by=FilteredRelation(
                "breakers",
                condition=Q(
                    breakers__opened_at__isnull=False,
                    breakers__country__in=(country, EVERY_COUNTRY),
                ),
            )
        )
        .annotate(
            probe=F("held_by__probe"),
            probe_at=F("held_by__probe_at"),
            held_cause=F("held_by__cause"),
        )
        .order_by("priority", "caption", "pk", "probe_at")
    ),
    "any country",
)


def route(country: str) -> list[SmsProvider]:
    """The enabled providers that serve the country, the first to try first."""
    return list(_route(country).providers.values())


def route_of(message: SmsMessage) -> Route:
    """A test message goes by its provider alone, enabled or not, whatever its breakers say."""
    if message.only_provider is not None:
        return Route({message.only_provider.pk: message.only_provider})
    return _route(message.country)


def _route(country: str) -> Route:
    rows = _with_open_breakers(country)
    enabled: dict[UUID, SmsProvider] = {row.pk: row for row in rows}
    serving = [row for row in enabled.values() if row.serves(country)]
    breakers = {
        row.pk: OpenBreaker(row.probe_at, row.probe is not None, row.held_cause)
        for row in rows
        if row.probe_at is not None
    }
    in_order = sorted(serving, key=lambda row: row.credentials_result == CheckResult.PROBLEM)
    return Route({row.pk: row for row in in_order}, breakers, alone=len(enabled) < 2)
