"""What every list and form of the Back Office has in common."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from backoffice.admin import navigation
from backoffice.admin.paginator import BoundedPaginator
from backoffice.audit import log
from backoffice.audit.models import ActorKind

ADDED = log.action("backoffice.added", _("Added in the Back Office"))
CHANGED = log.action("backoffice.changed", _("Changed in the Back Office"))
DELETED = log.action("backoffice.deleted", _("Deleted in the Back Office"))
# What Django's own filters ask for of their field.
OFFERED = frozenset({"", "exact", "id__exact", "isnull"})
MAY_READ_LOGS = "audit.view_auditevent"


def operator_of(request: HttpRequest) -> log.Actor:
    return log.Actor(ActorKind.OPERATOR, str(request.user.pk))


class BackOfficeAdmin(admin.ModelAdmin[Any]):
    """Deletes nothing unless it says so; writes to our log; counts no further than it must."""

    may_delete = False
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    save_on_top = False

    def audit_subject(self, obj: Any) -> str:
        """What the log calls this object: the same opaque id that domain functions use."""
        return f"{obj._meta.model_name}:{obj.pk}"

    def audit_facts(self, obj: Any) -> dict[str, Any]:
        """What else the log should know after an addition or change; nothing personal."""
        return {}

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what a filter offers. Django lets every column of the table be asked for in the
        address, and by a filter's own those of further tables, which tells a password's hash or a
        whole number bit by bit."""
        names = {name for name in self.list_filter if isinstance(name, str)}
        own = {getattr(filter_class, "parameter_name", None) for filter_class in self.list_filter}
        name, _separator, how = lookup.partition("__")
        return lookup in own or (name in names and how in OFFERED)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any | None:
        """PostgreSQL has no NUL to compare with: nothing is called so."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and super().has_delete_permission(request, obj)

    # Django's own history would be a second, weaker log, with names in clear: no LogEntry is made,
    # so none can be returned.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        self._log(ADDED, request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        self._log(CHANGED, request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[models.Model]) -> None:  # type: ignore[override]
        for obj in queryset:
            self._log(DELETED, request, obj, [])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        place = navigation.place_of(self.model._meta.label_lower)
        title = {"title": place[1]} if place else {}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One way to save: the list says that it was done, and is where one goes on."""
        one_way = {**context, "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().render_change_form(request, one_way, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The object's entries in Logs, which has a permission of its own."""
        obj = self.get_object(request, object_id)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        subject = self.audit_subject(obj) if obj else ""
        address = reverse("admin:audit_auditevent_changelist")
        return redirect(f"{address}?{urlencode({'subject': subject})}")

    def _log(self, what: log.Action, request: HttpRequest, obj: Any, message: Any) -> None:
        facts = {
            "model": obj._meta.label_lower,
            "fields": _fields(message),
            **self.audit_facts(obj),
        }
        log.record(what, actor=operator_of(request), subject=self.audit_subject(obj), facts=facts)


def _fields(message: Any) -> list[str]:
    """The names of the fields in Django's change message; never their values."""
    if not isinstance(message, list):
        return []
    return [
        str(field) for part in message for act in part.values() for field in act.get("fields", [])
    ]
