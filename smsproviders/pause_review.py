"""Which routes are paused for low conversion: looked at every minute, from the messages themselves.

A prefix first: enough codes went out, and few were typed. A country only when several of its
prefixes are paused for that, and its own codes are seldom typed as well: thirty abandoned codes, or
three prefixes of a country whose people sign in all day, must not shut it. After a pause its route
is judged by what was sent since it ended.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from backoffice.common import advisory_locks
from smsproviders import pauses, route_figures
from smsproviders.models import PauseReason, RoutePause, RouteScope, SmsMessage
from smsproviders.policy_keys import (
    PAUSE_CONVERSION,
    PAUSE_COUNTRY_PREFIXES,
    PAUSE_LENGTH,
    PAUSE_SENDS,
    PAUSE_WINDOW,
)
from smsproviders.route_figures import Conversion

# A prefix is looked at while it has messages whose codes may just have died. One without costs
# nothing now; it is looked at again with its next message.
ACTIVE = timedelta(minutes=15)


def review() -> list[RoutePause]:
    """The pauses that begin now. Two reviews at once share the work: the second finds it done."""
    with transaction.atomic():
        advisory_locks.hold("pause review")
        now = timezone.now()
        return [*_pause_prefixes(now), *_pause_countries(now)]


def _pause_prefixes(now: datetime) -> Iterable[RoutePause]:
    active = SmsMessage.objects.filter(created_at__gt=now - ACTIVE, accepted_at__isnull=False)
    since = now - timedelta(seconds=PAUSE_WINDOW())
    found = route_figures.of_prefixes(active.values("prefix"), since=since)
    for prefix, conversion in found.items():
        if _is_low(conversion):
            yield from _pause(RouteScope.PREFIX, prefix, since=since, now=now)


def _pause_countries(now: datetime) -> Iterable[RoutePause]:
    since = now - timedelta(seconds=PAUSE_WINDOW())
    paused = pauses.in_force(now).filter(scope=RouteScope.PREFIX, reason=PauseReason.LOW_CONVERSION)
    countries = paused.order_by().values("country").annotate(prefixes=Count("route", distinct=True))
    for row in countries.filter(prefixes__gte=PAUSE_COUNTRY_PREFIXES()).exclude(country=""):
        yield from _pause(RouteScope.COUNTRY, row["country"], since=since, now=now)


def _pause(
    scope: RouteScope, route: str, *, since: datetime, now: datetime
) -> Iterable[RoutePause]:
    """Unless it is paused already, or fares well since its last pause."""
    last = (
        RoutePause.objects.filter(scope=scope, route=route, reason=PauseReason.LOW_CONVERSION)
        .order_by("-id")
        .first()
    )
    if last is not None and last.is_in_force(now):
        return
    since = max(since, last.over_from) if last else since
    conversion, country = _judged(scope, route, since)
    if not _is_low(conversion):
        return
    yield pauses.begin_or_extend(
        RoutePause(
            scope=scope,
            route=route,
            country=country,
            reason=PauseReason.LOW_CONVERSION,
            began_at=now,
            ends_at=now + timedelta(seconds=PAUSE_LENGTH()),
            sends=conversion.sends,
            typed=conversion.typed,
        )
    )


def _judged(scope: RouteScope, route: str, since: datetime) -> tuple[Conversion, str]:
    if scope == RouteScope.COUNTRY:
        return route_figures.of_country(route, since=since), route
    sent = SmsMessage.objects.filter(prefix=route, accepted_at__isnull=False)
    newest = sent.order_by("-created_at").first()
    found = route_figures.of_prefixes([route], since=since)
    return found.get(route, Conversion(0, 0)), newest.country if newest else ""


def _is_low(conversion: Conversion) -> bool:
    return conversion.sends >= PAUSE_SENDS() and conversion.is_under(PAUSE_CONVERSION())
