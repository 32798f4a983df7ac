"""What a finding offers: a button for who may press it, for others whom to ask, or what to run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from backoffice.admin.client_display import GENERAL, SETTINGS, address_of
from backoffice.admin.diagnosis_how import HOW, How
from backoffice.admin.display import Words
from backoffice.admin.way_back import NEXT, with_way_back
from clients.models import Client, ClientStatus, User
from twofa import client_trials, resets, resynchronising
from twofa.diagnosis.findings import Finding
from twofa.diagnosis.vocabulary import Action, CauseId
from twofa.vocabulary import FactorKind

DESK = _("Ask the Security desk")
INTEGRATOR = _("Ask an Integrator")
ADMINISTRATOR = _("Ask an Administrator")


@dataclass(frozen=True, slots=True)
class Offer:
    """Exactly one of `address`, `whom` and `how` is given.

    `hidden`: fields of a form that does the act at once; without any, the address is a page.
    """

    action: Action
    address: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    whom: Words = ""
    how: How | None = None

    @property
    def words(self) -> Words:
        return self.action.label


@dataclass(frozen=True, slots=True)
class _Place:
    client: Client
    operator: User
    finding: Finding

    @property
    def back(self) -> str:
        return f"{address_of(self.client, SETTINGS)}#why-no-codes"

    def may(self, permission: str) -> bool:
        return self.operator.has_perm(permission)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where an act is done. `hidden` fields make it a form."""

    address: str
    hidden: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Act:
    """`way` None: the act makes no sense for this finding."""

    may: Callable[[_Place], bool]
    whom: Words
    way: Callable[[_Place], _Way | None]


def offers(finding: Finding, *, client: Client, operator: User) -> list[Offer]:
    """The acts of the cause, in the catalogue's order; what to tell the client stands elsewhere."""
    place = _Place(client, operator, finding)
    found = (_offer(action, place) for action in finding.entry.actions)
    return [offer for offer in found if offer is not None]


def _offer(action: Action, place: _Place) -> Offer | None:
    if action in HOW:
        return Offer(action, how=HOW[action])
    act = _ACTS.get(action)
    way = act.way(place) if act else None
    if act is None or way is None:
        return None
    if not act.may(place):
        return Offer(action, whom=act.whom)
    return Offer(action, way.address, way.hidden)


def _holds(permission: str) -> Callable[[_Place], bool]:
    return lambda place: place.may(permission)


def _holds_for_client(permission: str) -> Callable[[_Place], bool]:
    """Operators are no clients: what is done to clients is not done to them."""
    return lambda place: place.may(permission) and not place.client.user.is_staff


def _page(name: str, *rest: str) -> Callable[[_Place], _Way | None]:
    return lambda place: _Way(
        reverse(f"admin:clients_client_{name}", args=[place.client.pk, *rest])
    )


def _list(name: str) -> Callable[[_Place], _Way | None]:
    return lambda place: _Way(reverse(f"admin:{name}_changelist"))


def _unblock(place: _Place) -> _Way:
    """By an operator: the page that asks for a reason. After wrong passwords: at once."""
    is_blocked = place.client.status == ClientStatus.BLOCKED
    name = "block" if is_blocked else "forgive"
    address = reverse(f"admin:clients_client_{name}", args=[place.client.pk])
    return _Way(address) if is_blocked else _Way(address, {NEXT: place.back})


def _end_sessions(place: _Place) -> _Way:
    address = reverse("admin:clients_client_end_sessions", args=[place.client.pk])
    return _Way(address, {"all": "1", NEXT: place.back})


def _may_resynchronise(place: _Place) -> bool:
    return resynchronising.may_allow(place.operator, place.client.user)


def _resynchronise(place: _Place) -> _Way | None:
    return _if_there("admin:clients_client_resynchronise", place.client.pk)


def _provider(name: str, fragment: str = "") -> Callable[[_Place], _Way | None]:
    """A page of the provider in question; the list, when it is not one alone."""

    def way(place: _Place) -> _Way:
        provider = place.finding.subject.provider_id
        if provider is None:
            return _Way(reverse("admin:smsproviders_smsprovider_changelist"))
        address = reverse(f"admin:smsproviders_smsprovider_{name}", args=[provider])
        return _Way(with_way_back(address, place.back) + fragment)

    return way


def _check(place: _Place) -> _Way | None:
    """Pressed, not opened: hence nowhere without a provider to check."""
    provider = place.finding.subject.provider_id
    if provider is None:
        return None
    return _Way(
        reverse("admin:smsproviders_smsprovider_check", args=[provider]), {NEXT: place.back}
    )


def _incident(place: _Place) -> _Way | None:
    incident = place.finding.subject.incident_id
    return _if_there("admin:smsproviders_incident_change", incident) if incident else None


def _if_there(name: str, key: int | UUID) -> _Way | None:
    """An installation may be without that page."""
    try:
        return _Way(reverse(name, args=[key]))
    except NoReverseMatch:
        return None


def _may_disable(place: _Place) -> bool:
    return resets.may_disable(place.operator, place.client.user)


def _may_unlock(place: _Place) -> bool:
    hard = place.finding.cause == CauseId.HARD_LOCKED
    return resets.may_unlock(place.operator, place.client.user, hard=hard)


def _may_test(place: _Place) -> bool:
    return client_trials.may_send(place.operator, place.client.user)


_ACTS: dict[Action, _Act] = {
    Action.OPEN_CLIENT: _Act(
        _holds("clients.view_client"),
        ADMINISTRATOR,
        lambda place: _Way(address_of(place.client, GENERAL)),
    ),
    Action.UNBLOCK: _Act(_holds_for_client("clients.block_client"), DESK, _unblock),
    Action.UNLOCK: _Act(_may_unlock, DESK, _page("unlock")),
    Action.RESYNCHRONISE: _Act(_may_resynchronise, DESK, _resynchronise),
    Action.DISABLE_AUTHENTICATOR: _Act(
        _may_disable, DESK, _page("disable", FactorKind.AUTHENTICATOR.value)
    ),
    Action.DISABLE_SMS: _Act(_may_disable, DESK, _page("disable", FactorKind.SMS.value)),
    Action.END_SESSIONS: _Act(_holds_for_client("clients.end_sessions"), DESK, _end_sessions),
    Action.SEND_TEST_CODE: _Act(_may_test, DESK, _page("test_sms")),
    Action.CHECK_PROVIDER: _Act(_holds("smsproviders.check_smsprovider"), INTEGRATOR, _check),
    Action.OPEN_PROVIDER: _Act(
        _holds("smsproviders.view_smsprovider"), INTEGRATOR, _provider("change")
    ),
    Action.ENABLE_PROVIDER: _Act(
        _holds("smsproviders.change_smsprovider"), INTEGRATOR, _provider("enable")
    ),
    Action.RESET_BREAKER: _Act(
        _holds("smsproviders.reset_breaker"), INTEGRATOR, _provider("change", "#countries")
    ),
    Action.SWITCH_ROUTE: _Act(
        _holds("smsproviders.change_smsprovider"), INTEGRATOR, _list("smsproviders_smsprovider")
    ),
    Action.OPEN_SETTINGS: _Act(
        _holds("policy.view_systemsetting"), ADMINISTRATOR, _list("policy_systemsetting")
    ),
    Action.OPEN_TEMPLATES: _Act(
        _holds("smsproviders.view_smstemplate"), INTEGRATOR, _list("smsproviders_smstemplate")
    ),
    Action.LIFT_PAUSE: _Act(
        _holds("smsproviders.view_routepause"), DESK, _list("smsproviders_routepause")
    ),
    Action.OPEN_INCIDENT: _Act(_holds("smsproviders.view_incident"), DESK, _incident),
}
