"""Security > Incidents: failures of many at once, those that go on first; and the page of one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin import incident_clients, incident_told, incident_words, keyset
from backoffice.admin.incident_acts import acts
from backoffice.admin.incident_chart import line_of
from backoffice.admin.incident_note import PAGE, note_context, write_note
from backoffice.admin.model_admin import MAY_READ_LOGS, BackOfficeAdmin
from smsproviders import incidents
from smsproviders.incident_words import headline
from smsproviders.models import Incident
from smsproviders.policy_keys import INCIDENT_NUMBERS
from twofa.people import signed_in

SAFE = frozenset({"GET", "HEAD"})
LIST_TEMPLATE = "admin/smsproviders/incidents/list.html"
PAGE_TEMPLATE = "admin/smsproviders/incidents/page.html"


@dataclass(frozen=True, slots=True)
class Row:
    incident: Incident
    address: str
    where: str
    why: str
    state: SafeString
    owner: SafeString


@admin.register(Incident)
class IncidentAdmin(BackOfficeAdmin):
    def audit_subject(self, obj: Incident) -> str:
        return incidents.subject_of(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        note = self.admin_site.admin_view(write_note)
        return [
            path("<uuid:pk>/note/", note, name="smsproviders_incident_note"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._refuse_others(request)
        place = keyset.place_of(request)
        ended = Incident.objects.filter(closed_at__isnull=False, part_of=None)
        shown = keyset.page(lambda span: span.cut(ended), place)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Incidents"),
            "cl": True,  # the trail ends with this list
            "open": [row_of(one) for one in incidents.open_now()],
            "over": [row_of(one) for one in shown.rows],
            "least": INCIDENT_NUMBERS(),
            **keyset.links(request, shown, place),
            **(extra_context or {}),
        }
        return TemplateResponse(request, LIST_TEMPLATE, context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self._refuse_others(request)
        incident = _incident_or_404(object_id)
        if incident.part_of_id is not None:
            return redirect(PAGE, incident.part_of_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            **_page_context(request, incident),
            **(extra_context or {}),
        }
        return TemplateResponse(request, PAGE_TEMPLATE, context)

    def _refuse_others(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request) or request.method not in SAFE:
            raise PermissionDenied


def row_of(incident: Incident) -> Row:
    return Row(
        incident,
        reverse(PAGE, args=[incident.pk]),
        incident_words.where(incident),
        incident_words.why(incident),
        incident_words.state_chip(incident),
        incident_words.owner_chip(incident),
    )


def _page_context(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    reader = signed_in(request)
    return {
        "title": headline(incident),
        "trail_end": incident_words.where(incident),
        "row": row_of(incident),
        "incident": incident,
        "usual": incident_words.usual(incident),
        "felt": incident_words.felt(incident),
        "told": incident_told.sentences(incident),
        "line": line_of(incident, now=timezone.now()),
        "acts": acts(incident, reader, back=request.path),
        "may_read_logs": reader.has_perm(MAY_READ_LOGS),
        "subject": incidents.subject_of(incident),
        **note_context(incident, reader),
        **incident_clients.context(request, incident, reader),
    }


def _incident_or_404(key: str | None) -> Incident:
    try:
        return Incident.objects.get(pk=key or "")
    except (Incident.DoesNotExist, ValidationError):
        raise Http404 from None
