"""The addresses of what an operator does to a client, and the acts that need no code of his own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.admin import blocked, client_add, not_back_yet
from backoffice.admin.act_page import ActForm, ActPage
from backoffice.admin.client_display import SESSIONS, address_of
from backoffice.admin.client_trial import TrialPage, TrialProgress, TrialState
from backoffice.admin.contact_act import ContactPage
from backoffice.admin.two_factor_acts import DisablePage, UnlockPage
from backoffice.admin.way_back import way_back
from clients import people
from clients.models import Client, ClientStatus, UserSession
from twofa.people import signed_in


def addresses(site: AdminSite) -> list[URLPattern]:
    def act(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        return path(f"<int:pk>/{route}/", site.admin_view(view), name=f"clients_client_{name}")

    return [
        act("two-factor/<slug:factor>/disable", DisablePage.as_view(), "disable"),
        act("two-factor/unlock", UnlockPage.as_view(), "unlock"),
        act("test-sms", TrialPage.as_view(), "test_sms"),
        act("test-sms/<uuid:message>", TrialProgress.as_view(), "test_sms_progress"),
        act("test-sms/<uuid:message>/state", TrialState.as_view(), "test_sms_state"),
        act("block", BlockPage.as_view(), "block"),
        act("contact", ContactPage.as_view(), "contact"),
        act("passwords/forgive", blocked.unblock_password, "forgive"),
        path("blocked/", site.admin_view(blocked.blocked_clients), name="blocked_clients"),
        path("not-back-yet/", site.admin_view(not_back_yet.not_back_yet), name="not_back_yet"),
        act("invite", require_POST(client_add.invite), "invite"),
        act("sessions/end", require_POST(end_sessions), "end_sessions"),
    ]


class BlockPage(ActPage):
    """Blocks, or unblocks who is blocked."""

    def may(self) -> bool:
        return self.operator.has_perm("clients.block_client") and not self.client.user.is_staff

    @property
    def is_blocked(self) -> bool:
        return self.client.status == ClientStatus.BLOCKED

    def facts(self) -> dict[str, Any]:
        name = {"client": self.client}
        if self.is_blocked:
            return {
                "title": _("Unblock"),
                "summary": _("%(client)s can sign in again.") % name,
                "button": _("Unblock %(client)s") % name,
                "test_name": "confirm-unblock",
                "dangerous": False,
            }
        return {
            "title": _("Block"),
            "summary": _("%(client)s is signed out everywhere and cannot sign in.") % name,
            "button": _("Block %(client)s") % name,
            "test_name": "confirm-block",
        }

    def act(self, form: ActForm) -> HttpResponse:
        name = {"client": self.client}
        reason = form.cleaned_data["reason"]
        if self.is_blocked:
            people.unblock(self.client, operator=self.operator, reason=reason)
            return self.back(_("%(client)s is not blocked any more.") % name)
        people.block(self.client, operator=self.operator, reason=reason)
        return self.back(_("%(client)s is blocked and was signed out.") % name)


def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """End one session (`session`), or all (`all`)."""
    client = get_object_or_404(Client.objects.select_related("user"), pk=pk)
    operator = signed_in(request)
    if not operator.has_perm("clients.end_sessions"):
        raise PermissionDenied  # before anything is looked up: a refusal tells nothing
    only = None
    if "all" not in request.POST:
        only = _session_of(client, request.POST.get("session", ""))
    ended = people.end_sessions(client, operator=operator, only=only)
    words = ngettext("%(count)d session ended.", "%(count)d sessions ended.", ended)
    messages.success(request, words % {"count": ended})
    return HttpResponseRedirect(way_back(request) or address_of(client, SESSIONS))


def _session_of(client: Client, key: str) -> UserSession:
    try:
        return get_object_or_404(UserSession, pk=UUID(key), user=client.user)
    except ValueError:
        raise Http404 from None
