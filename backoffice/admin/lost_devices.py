"""Security > Lost devices: requests of clients with neither phone nor app, the open ones first."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Tone, Words
from backoffice.admin.lost_device_page import LOST_DEVICES, PAGE, TONES, LostDevicePage
from clients.models import Client
from twofa import lost_device
from twofa.lost_device_desk import VIEW
from twofa.models import SupportRequest
from twofa.models.support_request import OPEN_STATES, RequestState
from twofa.people import signed_in

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """`proved` of `proofs` lines are ticked."""

    request: SupportRequest
    client: Client
    client_address: str
    address: str
    state: Words
    tone: Tone
    proved: int
    proofs: int
    is_overdue: bool


def addresses(site: AdminSite) -> list[URLPattern]:
    return [
        path("lost-devices/", site.admin_view(lost_devices), name="lost_devices"),
        path(
            "lost-devices/<uuid:key>/",
            site.admin_view(LostDevicePage.as_view()),
            name="lost_device",
        ),
    ]


@require_safe
def lost_devices(request: HttpRequest) -> HttpResponse:
    """`?q=` finds one by its number, as a client reads it out."""
    if not signed_in(request).has_perm(VIEW):
        raise PermissionDenied
    text = request.GET.get("q", "").strip().replace("\x00", "")[:SHOWN]
    rows = _rows()
    if text:
        rows = rows.filter(number__icontains=text)
    at = timezone.now()
    open_ones = rows.filter(state__in=OPEN_STATES).order_by("due_at")[:SHOWN]
    finished = rows.exclude(state__in=OPEN_STATES)[:SHOWN]
    context = {
        **admin.site.each_context(request),
        "title": LOST_DEVICES,
        "trail": [(_("Security"), "")],
        "waiting": [_row(one, at) for one in open_ones],
        "finished": [_row(one, at) for one in finished],
        "q": text,
    }
    return TemplateResponse(request, "admin/clients/lost_devices.html", context)


def _rows() -> QuerySet[SupportRequest]:
    rows = SupportRequest.objects.filter(user__client__isnull=False)
    return rows.select_related("user__client", "taken_by", "finished_by").annotate(
        proof_count=Count("proofs"),
        proved_count=Count("proofs", filter=Q(proofs__checked_at__isnull=False)),
    )


def _row(one: SupportRequest, at: datetime) -> Row:
    client, state = one.user.client, RequestState(one.state)
    client.user = one.user
    return Row(
        request=one,
        client=client,
        client_address=address_of(client, SETTINGS),
        address=reverse(PAGE, args=[one.pk]),
        state=state.label,
        tone=TONES[state],
        proved=one.proved_count,  # type: ignore[attr-defined]  # annotated
        proofs=one.proof_count,  # type: ignore[attr-defined]  # annotated
        is_overdue=lost_device.is_overdue(one, at=at),
    )
