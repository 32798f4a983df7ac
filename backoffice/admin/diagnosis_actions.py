"""The buttons beside a finding: where each act is done, for who may do it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from backoffice.admin.client_display import GENERAL, address_of
from backoffice.admin.display import Words
from clients.models import Client, User
from twofa import resets
from twofa.diagnosis.findings import Finding
from twofa.diagnosis.vocabulary import Action
from twofa.vocabulary import FactorKind


@dataclass(frozen=True, slots=True)
class Button:
    """`is_post`: pressing it does the act at once; else it leads to a page that asks."""

    action: Action
    words: Words
    address: str
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    client: Client
    operator: User
    finding: Finding

    def may(self, permission: str) -> bool:
        return self.operator.has_perm(permission)


def buttons(finding: Finding, *, client: Client, operator: User) -> list[Button]:
    """Those acts of the cause that this operator may do, in the catalogue's order."""
    place = _Place(client, operator, finding)
    found = []
    for action in finding.entry.actions:
        address = _ADDRESSES[action](place) if action in _ADDRESSES else ""
        if address:
            found.append(Button(action, action.label, address, is_post=action in _POSTS))
    return found


_POSTS = frozenset({Action.CHECK_PROVIDER, Action.END_SESSIONS})


def _client_act(name: str, *rest: str) -> Callable[[_Place], str]:
    def address(place: _Place) -> str:
        return reverse(f"admin:clients_client_{name}", args=[place.client.pk, *rest])

    return address


def _unlock(place: _Place) -> str:
    may = resets.may_unlock(place.operator, place.client.user)
    return _client_act("unlock")(place) if may else ""


def _disable(kind: FactorKind) -> Callable[[_Place], str]:
    def address(place: _Place) -> str:
        if not resets.may_disable(place.operator, place.client.user):
            return ""
        return _client_act("disable", kind.value)(place)

    return address


def _unblock(place: _Place) -> str:
    if not place.may("clients.block_client") or place.client.user.is_staff:
        return ""
    return reverse("admin:blocked_clients")


def _end_sessions(place: _Place) -> str:
    may = place.may("clients.end_sessions") and not place.client.user.is_staff
    return _client_act("end_sessions")(place) if may else ""


def _open_client(place: _Place) -> str:
    return address_of(place.client, GENERAL)


def _provider(name: str, permission: str) -> Callable[[_Place], str]:
    """A page of the provider in question; the list, when it is not one alone."""

    def address(place: _Place) -> str:
        if not place.may(permission):
            return ""
        provider = place.finding.subject.provider_id
        if provider is None:
            return _providers(place)
        return reverse(f"admin:smsproviders_smsprovider_{name}", args=[provider])

    return address


def _check(place: _Place) -> str:
    """Pressed, not opened: hence nowhere without a provider to check."""
    if place.finding.subject.provider_id is None:
        return ""
    return _provider("check", "smsproviders.check_smsprovider")(place)


def _providers(place: _Place) -> str:
    may = place.may("smsproviders.view_smsprovider")
    return reverse("admin:smsproviders_smsprovider_changelist") if may else ""


def _settings(place: _Place) -> str:
    may = place.may("policy.view_systemsetting")
    return reverse("admin:policy_systemsetting_changelist") if may else ""


_ADDRESSES: dict[Action, Callable[[_Place], str]] = {
    Action.OPEN_CLIENT: _open_client,
    Action.UNBLOCK: _unblock,
    Action.UNLOCK: _unlock,
    Action.DISABLE_AUTHENTICATOR: _disable(FactorKind.AUTHENTICATOR),
    Action.DISABLE_SMS: _disable(FactorKind.SMS),
    Action.END_SESSIONS: _end_sessions,
    Action.OPEN_PROVIDER: _provider("change", "smsproviders.view_smsprovider"),
    Action.CHECK_PROVIDER: _check,
    Action.ENABLE_PROVIDER: _provider("enable", "smsproviders.change_smsprovider"),
    Action.SWITCH_ROUTE: _providers,
    Action.OPEN_SETTINGS: _settings,
}
