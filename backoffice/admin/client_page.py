"""The client's page: tabs General (profile), Settings (2FA) and Sessions."""

from typing import Any

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.admin import client_acts, diagnosis_section, two_factor_section
from backoffice.admin.client_display import GENERAL, address_of, status_chip
from backoffice.admin.client_form import ProfileForm
from backoffice.admin.display import NOTHING
from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.common.masking import mask_phone
from clients.models import Client, User, UserSession
from twofa.people import signed_in

SESSIONS_SHOWN = 50


class ClientPage(BackOfficeAdmin):
    form: type[ModelForm[Any]] = ProfileForm
    change_form_template = "admin/clients/client/change_form.html"
    fieldsets = (
        (
            _("Profile"),
            {
                "fields": (
                    ("name", "type"),
                    ("country", "language"),
                    ("verification_level", "manager"),
                    "tags",
                )
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # clients come from the company's own sign-up, or from `add_client`

    def audit_subject(self, obj: Any) -> str:
        return f"user:{obj.user_id}"

    def get_urls(self) -> list[URLPattern]:
        return [*client_acts.addresses(self.admin_site), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        client = self.get_object(request, object_id)
        if client is None or not self.has_view_or_change_permission(request, client):
            return super().change_view(request, object_id, form_url, extra_context)
        sections = page_context(client, request)
        return super().change_view(
            request, object_id, form_url, {**sections, **(extra_context or {})}
        )

    def response_change(self, request: HttpRequest, obj: Client) -> HttpResponse:
        """Saved: stay on the page, where the work on this client goes on."""
        messages.success(request, _("The profile is saved."))
        return HttpResponseRedirect(address_of(obj, GENERAL))


def page_context(client: Client, request: HttpRequest) -> dict[str, Any]:
    operator = signed_in(request)
    context = {
        "client": client,
        "status": status_chip(client),
        "phone": mask_phone(str(client.phone)) if client.phone else NOTHING,
        "contact_address": _if(operator, "clients.change_contact", client, "contact"),
        "block_address": _if(operator, "clients.block_client", client, "block"),
        **two_factor_section.context(client, operator),
        **diagnosis_section.context(client, operator, language=get_language() or "en"),
    }
    if operator.has_perm("clients.view_usersession"):
        rows = UserSession.objects.filter(user=client.user)[:SESSIONS_SHOWN]
        context["sessions"] = [(row, row.ended_at is None) for row in rows]
        context["end_address"] = _if(operator, "clients.end_sessions", client, "end_sessions")
    return context


def _if(operator: User, permission: str, client: Client, act: str) -> str:
    """The address of an act when the operator may do it to this client, else ""."""
    if not operator.has_perm(permission) or client.user.is_staff:
        return ""
    return reverse(f"admin:clients_client_{act}", args=[client.pk])
