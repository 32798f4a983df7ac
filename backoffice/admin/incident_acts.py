"""What an operator can do about an incident, each act on its own page and by its own permission."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.admin.provider_rows import NO_COUNTRY_KEY
from backoffice.admin.provider_standing import country_words
from backoffice.admin.route_pause_lift import LIFT, MAY_LIFT
from backoffice.admin.route_pause_words import route_words
from backoffice.admin.way_back import NEXT, with_way_back
from clients.models import User
from smsproviders import breakers, pauses
from smsproviders.models import EVERYWHERE, Incident, IncidentKind, PauseReason

PROVIDERS = "admin:smsproviders_smsprovider_changelist"
PROVIDER = "admin:smsproviders_smsprovider_{}"
PAUSES = 5


@dataclass(frozen=True, slots=True)
class Act:
    """`hidden` fields make it a form that does the act at once; else the address is a page."""

    words: str
    address: str
    hidden: dict[str, str] = field(default_factory=dict)


def acts(incident: Incident, operator: User, *, back: str) -> list[Act]:
    """Those that this operator may do; `back`: the page to return to."""
    found = [*_of_provider(incident, operator, back)]
    if operator.has_perm("smsproviders.change_smsprovider"):
        found.append(Act(_("Change the order of providers"), reverse(PROVIDERS)))
    if incident.is_open and operator.has_perm("smsproviders.reset_breaker"):
        found += _resets(incident)
    if incident.is_open and operator.has_perm(MAY_LIFT):
        found += _lifts(incident)
    return found


def _of_provider(incident: Incident, operator: User, back: str) -> Iterator[Act]:
    if incident.provider_id is None:
        return
    caption = {"provider": incident.provider_caption}
    key = [incident.provider_id]
    if operator.has_perm("smsproviders.check_smsprovider"):
        address = reverse(PROVIDER.format("check"), args=key)
        yield Act(_("Check %(provider)s now") % caption, address, {NEXT: back})
    if operator.has_perm("smsproviders.view_smsprovider"):
        address = reverse(PROVIDER.format("change"), args=key)
        yield Act(_("Open %(provider)s") % caption, with_way_back(address, back))


def _resets(incident: Incident) -> Iterator[Act]:
    if incident.kind == IncidentKind.QUEUE:
        return
    scope = incident.scope
    for row in breakers.open_breakers():
        if scope.provider_id not in (None, row.provider_id):
            continue
        if scope.country and row.country not in (scope.country, EVERYWHERE):
            continue
        names = {"provider": row.provider.caption, "country": country_words(row.country)}
        yield Act(
            _("Reset the breaker of %(provider)s: %(country)s") % names,
            reverse(
                PROVIDER.format("reset"), args=[row.provider_id, row.country or NO_COUNTRY_KEY]
            ),
        )


def _lifts(incident: Incident) -> Iterator[Act]:
    """Pauses of routes within it: those who are paused get no code either."""
    if not incident.country:
        return
    paused = pauses.in_force(timezone.now()).exclude(reason=PauseReason.SPEND_CAP)
    here = paused.filter(Q(country=incident.country), route__startswith=incident.prefix)
    for pause in here[:PAUSES]:
        words = _("Lift the pause of %(route)s") % {"route": route_words(pause)}
        yield Act(words, reverse(LIFT, args=[pause.pk]))
