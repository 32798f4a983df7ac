"""Who and what the ids in Logs are: resolved for a whole page in a handful of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from backoffice.admin.sms_template_view import EDIT, title_of
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy import registry
from clients.models import Client, Tag, User
from smsproviders import text_kinds
from smsproviders.models import SmsProvider


@dataclass(frozen=True, slots=True)
class Named:
    """What a page shows for an id; `address` is "" when there is no page for this reader."""

    words: str
    address: str = ""


class Names:
    """Names for one page of events, as far as its reader may know them."""

    def __init__(self, events: Iterable[AuditEvent], *, reader: Any) -> None:
        self.reader = reader
        wanted: dict[str, set[str]] = defaultdict(set)
        for event in events:
            kind, _colon, key = event.subject.partition(":")
            wanted[kind].add(key)
            wanted["user"].add(event.actor_id)
        self.users = _by_key(User.objects.select_related("client"), _uuids(wanted["user"]))
        self.clients = _by_key(Client.objects.all(), _numbers(wanted["client"]))
        self.providers = _by_key(
            SmsProvider.objects.only("caption"),
            _uuids(wanted["provider"] | wanted["smsprovider"]),
        )
        self.groups = _by_key(Group.objects.all(), _numbers(wanted["group"]))
        self.tags = _by_key(Tag.objects.all(), _numbers(wanted["tag"]))

    def actor(self, event: AuditEvent) -> Named:
        if not event.actor_id:
            return Named(str(ActorKind(event.actor_kind).label))
        return self._user(event.actor_id)

    def subject(self, event: AuditEvent) -> Named:
        kind, _colon, key = event.subject.partition(":")
        if kind == "user":
            return self._user(key)
        if kind == "client":
            client = self.clients.get(key)
            return self._client(client) if client else Named(_("Client %s") % f"#{key}")
        if kind in {"provider", "smsprovider"} and key in self.providers:
            provider = self.providers[key]
            return Named(provider.caption, self._page(provider))
        if kind == "group" and key in self.groups:
            return Named(self.groups[key].name, self._page(self.groups[key]))
        if kind == "tag" and key in self.tags:
            return Named(self.tags[key].name, self._page(self.tags[key]))
        if kind == "setting":
            return _setting(key)
        if kind == "pause":
            return Named(_("Route %s") % event.facts.get("route", key), self._list_of_pauses())
        if kind == "incident":
            return self._incident(event, key)
        if kind == "template":
            return self._template(key)
        return Named(event.subject)

    def _user(self, key: str) -> Named:
        user = self.users.get(key)
        if user is None:
            return Named(_("User %s") % key)
        if user.is_staff:
            return Named(user.email, self._page(user))
        client = getattr(user, "client", None)
        return self._client(client) if client else Named(_("User %s") % key)

    def _client(self, client: Client) -> Named:
        if not self.reader.has_perm("clients.view_client"):
            return Named(_("Client %s") % f"#{client.pk}")
        return Named(client.name or _("Client %s") % f"#{client.pk}", self._page(client))

    def _template(self, key: str) -> Named:
        purpose, _colon, language = key.partition(":")
        try:
            title = title_of(text_kinds.get(purpose), language)
        except text_kinds.UnknownPurpose:
            return Named(key)
        may = self.reader.has_perm("smsproviders.view_smstemplate")
        return Named(title, reverse(EDIT, args=[purpose, language]) if may else "")

    def _incident(self, event: AuditEvent, key: str) -> Named:
        may = self.reader.has_perm("smsproviders.view_incident")
        address = reverse("admin:smsproviders_incident_change", args=[key]) if may else ""
        told = [event.facts.get(name, "") for name in ("prefix", "country", "provider")]
        where = " ".join(filter(None, told))
        return Named(_("Incident %s") % where if where else _("Incident"), address)

    def _list_of_pauses(self) -> str:
        may = self.reader.has_perm("smsproviders.view_routepause")
        return reverse("admin:smsproviders_routepause_changelist") if may else ""

    def _page(self, obj: models.Model) -> str:
        app, name = obj._meta.app_label, obj._meta.model_name
        if not self.reader.has_perm(f"{app}.view_{name}"):
            return ""
        try:
            return reverse(f"admin:{app}_{name}_change", args=[obj.pk])
        except NoReverseMatch:
            return ""


def _setting(key: str) -> Named:
    try:
        return Named(str(registry.get(key).label))
    except registry.UnknownSetting:
        return Named(key)


def _by_key(rows: Any, keys: set[Any]) -> dict[str, Any]:
    return {str(row.pk): row for row in rows.filter(pk__in=keys)} if keys else {}


def _uuids(texts: Iterable[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue  # the id of something else
    return found


def _numbers(texts: Iterable[str]) -> set[int]:
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
