"""The client's page: its tabs, and General, where contact and profile stand."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from backoffice.admin import (
    caller_acts,
    client_acts,
    client_add,
    client_tabs,
    desk_requests,
    lost_devices,
)
from backoffice.admin.client_activity import ActivityTab
from backoffice.admin.client_display import GENERAL, address_of
from backoffice.admin.client_form import ProfileForm
from backoffice.admin.client_messages import MessagesTab
from backoffice.admin.client_sessions_tab import SessionsTab
from backoffice.admin.client_settings_tab import SettingsTab
from backoffice.admin.client_tabs import ClientTab, GeneralTab, act_address
from backoffice.admin.display import NOTHING
from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.common.masking import mask_phone
from clients.models import Client, User
from twofa.people import signed_in

# In the order in which they stand.
TABS: tuple[type[ClientTab], ...] = (
    GeneralTab,
    SettingsTab,
    MessagesTab,
    ActivityTab,
    SessionsTab,
)


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

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A client is a user as well, and is invited: a page of its own."""
        answer: HttpResponse = client_add.AddPage.as_view()(request)  # type: ignore[assignment]
        return answer

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only read sees the manager's name: a link to Users is for who may open it."""
        found = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return found
        return [
            (title, {**facts, "fields": [_to_read(line) for line in facts["fields"]]})
            for title, facts in found
        ]

    @admin.display(description=_("manager"))
    def manager_name(self, client: Client) -> str:
        return client.manager.get_full_name() if client.manager else NOTHING

    def audit_subject(self, obj: Any) -> str:
        return f"user:{obj.user_id}"

    def get_urls(self) -> list[URLPattern]:
        return [
            *client_acts.addresses(self.admin_site),
            *caller_acts.addresses(self.admin_site),
            *desk_requests.addresses(self.admin_site),
            *lost_devices.addresses(self.admin_site),
            *client_tabs.addresses(self.admin_site, TABS),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        client = kwargs["obj"]
        context = {**context, **general_context(client, signed_in(request))}
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Client) -> HttpResponse:
        """Saved: stay on the page, where the work on this client goes on."""
        messages.success(request, _("The profile is saved."))
        return HttpResponseRedirect(address_of(obj))


def _to_read(line: Any) -> Any:
    if isinstance(line, str):
        return line
    return tuple("manager_name" if name == "manager" else name for name in line)


def general_context(client: Client, operator: User) -> dict[str, Any]:
    return {
        **client_tabs.heading(client, operator, TABS, here=GENERAL),
        "phone": mask_phone(str(client.phone)) if client.phone else NOTHING,
        **client_add.general_facts(client, operator),
        "contact_address": act_address(client, operator, "clients.change_contact", "contact"),
    }
