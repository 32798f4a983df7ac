"""The groups of the navigation, as people speak of them; apps and models are the code's matter.

An entry shows when its page is registered and the operator may see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: the list of `model` ("app.model"), or the view of that name with its permission."""

    words: Words
    model: str = ""
    view: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    words: Words
    entries: tuple[Entry, ...]


NAVIGATION = (
    Group(
        "clients",
        _("Clients"),
        (
            Entry(_("General"), model="clients.client"),
            Entry(_("Tags"), model="clients.tag"),
            Entry(_("Messages"), model="smsproviders.smsmessage"),
        ),
    ),
    Group(
        "security",
        _("Security"),
        (
            Entry(
                _("Blocked clients"),
                view="admin:blocked_clients",
                permission="clients.view_client",
            ),
            Entry(_("Not back yet"), view="admin:not_back_yet", permission="clients.view_client"),
            Entry(
                _("Requests"),
                view="admin:desk_requests",
                permission="twofa.view_deskrequest",
            ),
            Entry(
                _("Lost devices"),
                view="admin:lost_devices",
                permission="twofa.view_supportrequest",
            ),
            Entry(_("Incidents"), model="smsproviders.incident"),
            Entry(_("Paused routes"), model="smsproviders.routepause"),
        ),
    ),
    Group(
        "system",
        _("System"),
        (
            Entry(_("SMS providers"), model="smsproviders.smsprovider"),
            Entry(_("SMS templates"), model="smsproviders.smstemplate"),
            Entry(_("Settings"), model="policy.systemsetting"),
            Entry(_("Users"), model="clients.user"),
            Entry(_("Groups"), model="auth.group"),
            Entry(_("Logs"), model="audit.auditevent"),
        ),
    ),
)


def groups(app_dict: Mapping[str, Any], request: HttpRequest) -> list[dict[str, Any]]:
    """The groups in the shape of Django's `app_list`, without empty ones."""
    seen = {
        f"{label}.{model['object_name'].lower()}": model
        for label, app in app_dict.items()
        for model in app["models"]
    }
    found = [_group(group, seen, request) for group in NAVIGATION]
    return [group for group in found if group["models"]]


def here(shown: list[dict[str, Any]], path: str) -> str:
    """The address of the entry that the page of that path belongs to, or ""."""
    addresses = [entry["admin_url"] for group in shown for entry in group["models"]]
    return max((address for address in addresses if path.startswith(address)), key=len, default="")


def place_of(model: str) -> tuple[Words, Words] | None:
    """The words of the group and of the entry under which the list of a model stands."""
    for group in NAVIGATION:
        for entry in group.entries:
            if entry.model == model:
                return group.words, entry.words
    return None


def _group(group: Group, seen: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    shown = [_entry(entry, seen, request) for entry in group.entries]
    return {
        "name": group.words,
        "app_label": group.key,
        "app_url": reverse("admin:index"),
        "has_module_perms": True,
        "models": [entry for entry in shown if entry],
    }


def _entry(entry: Entry, seen: Mapping[str, Any], request: HttpRequest) -> dict[str, Any] | None:
    if entry.model:
        model = seen.get(entry.model)
        return {**model, "name": entry.words} if model and model.get("admin_url") else None
    if not request.user.has_perm(entry.permission):
        return None
    try:
        address = reverse(entry.view)
    except NoReverseMatch:
        return None
    return {
        "name": entry.words,
        "object_name": entry.view.rpartition(":")[2],
        "admin_url": address,
        "add_url": None,
        "view_only": True,
    }
