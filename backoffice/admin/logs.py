"""System > Logs: read, search and export the audit log. Nothing can be added or changed here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin import log_search
from backoffice.admin.csv_export import csv_response
from backoffice.admin.display import Tone
from backoffice.admin.log_facts import facts_of
from backoffice.admin.log_names import Names
from backoffice.admin.log_sealing import chip_of, fault_of
from backoffice.admin.log_search import SearchForm
from backoffice.admin.model_admin import BackOfficeAdmin, operator_of
from backoffice.audit import log, personal
from backoffice.audit.models import AuditEvent, AuditSeal, Outcome
from backoffice.audit.standing import standing
from backoffice.common.encryption import DecryptionFailed

EXPORTED = log.action("audit.exported", gettext_lazy("Log exported"))
EXPORT_LIMIT = 100_000
SEARCH_SECONDS = 5
TONES = {Outcome.DONE: Tone.OK, Outcome.FAILED: Tone.BAD, Outcome.REFUSED: Tone.WARN}
PERSONAL_WORDS = {
    "reason": gettext_lazy("Reason"),
    "ticket": gettext_lazy("Ticket"),
    "address": gettext_lazy("Address"),
    "browser": gettext_lazy("Browser"),
}


@admin.register(AuditEvent)
class AuditEventAdmin(BackOfficeAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/", export, name="audit_auditevent_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._must_read(request)
        form = SearchForm(request.GET)
        try:
            with bounded(SEARCH_SECONDS):
                page = log_search.page(
                    form.events(), before=_id(request, "before"), after=_id(request, "after")
                )
        except OperationalError:
            page = log_search.Page([], newer=None, older=None)
            messages.warning(
                request, _("This search takes too long. Narrow it by subject, actor or date.")
            )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Logs"),
            "cl": page,  # the trail ends with this list
            "form": form,
            "rows": rows(page.events, reader=request.user),
            "newest": _address(request),
            "newer": page.newer and _address(request, after=page.newer),
            "older": page.older and _address(request, before=page.older),
            "export_limit": EXPORT_LIMIT,
            **_sealing(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/audit/list.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self._must_read(request)
        event = self.get_object(request, object_id) if object_id else None
        if request.method not in {"GET", "HEAD"} or object_id is None:
            raise PermissionDenied
        if event is None:
            raise Http404
        (row,) = rows([event], reader=request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row["words"],
            "row": row,
            "event": event,
            "facts": facts_of(event),
            "seal": AuditSeal.objects.filter(event_id=event.pk).first(),
            **personal_of(event),
            "list_address": reverse("admin:audit_auditevent_changelist"),
        }
        return TemplateResponse(request, "admin/audit/event.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """POST, since it is logged; the filters stand in the address, as on the list."""
        self._must_read(request)
        form = SearchForm(request.GET)
        if request.method != "POST" or not form.is_valid():
            return redirect(_address(request))
        filters = sorted(name for name, value in form.cleaned_data.items() if value)
        log.record(EXPORTED, actor=operator_of(request), facts={"filters": filters})
        events = log_search.in_chunks(form.events(), limit=EXPORT_LIMIT)
        return csv_response(
            f"log-{timezone.now():%Y-%m-%d-%H%M}",
            heads=(
                "at",
                "action",
                "words",
                "outcome",
                "actor kind",
                "actor",
                "subject",
                "facts",
                "request",
                "id",
            ),
            rows=map(_exported, events),
        )

    def _must_read(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


@contextmanager
def bounded(seconds: int) -> Iterator[None]:
    """A search that no index serves ends after that time instead of holding a connection."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
        yield


def rows(events: list[AuditEvent], *, reader: Any) -> list[dict[str, Any]]:
    names = Names(events, reader=reader)
    return [
        {
            "event": event,
            "words": log.words_of(event.action),
            "outcome": Outcome(event.outcome).label,
            "tone": TONES[Outcome(event.outcome)],
            "actor": names.actor(event),
            "subject": names.subject(event) if event.subject else None,
            "summary": " · ".join(f"{name}: {value}" for name, value in facts_of(event))[:120],
            "address": reverse("admin:audit_auditevent_change", args=[event.pk]),
        }
        for event in events
    ]


def _sealing() -> dict[str, Any]:
    found = standing()
    words, tone = chip_of(found)
    return {"sealing": found, "seal_words": words, "seal_tone": tone, "seal_fault": fault_of(found)}


def personal_of(event: AuditEvent) -> dict[str, Any]:
    """The personal details in the template's words: revealed, erased or damaged."""
    try:
        details = personal.reveal(event)
    except DecryptionFailed:
        return {"damaged": True}
    if details is None:
        return {"erased": True}
    words = PERSONAL_WORDS
    named = [(words.get(key, key.replace("_", " ")), value) for key, value in details.items()]
    return {"personal": named}


def _exported(event: AuditEvent) -> tuple[Any, ...]:
    return (
        event.at.isoformat(timespec="milliseconds"),
        event.action,
        log.words_of(event.action),
        event.outcome,
        event.actor_kind,
        event.actor_id,
        event.subject,
        json.dumps(event.facts, ensure_ascii=False),
        event.request_id,
        event.id,
    )


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _address(request: HttpRequest, **place: UUID) -> str:
    """The list with the same filters, at another place."""
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    for empty in [name for name in query if not query[name]]:
        del query[empty]
    for name, value in place.items():
        query[name] = str(value)
    text = f"?{query.urlencode()}" if query else ""
    return reverse("admin:audit_auditevent_changelist") + text
