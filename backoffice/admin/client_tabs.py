"""The tabs of a client's page: each is a page with an address of its own and only its own queries.

A tab is a subclass of `ClientTab` named in `client_page.TABS`; what the others share, heading and
navigation, comes by itself. General is Django's change form, hence only named here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from backoffice.admin import caller_section
from backoffice.admin.client_display import GENERAL, address_of, status_chip
from backoffice.admin.display import Words
from clients.models import Client, User
from twofa.people import signed_in

VIEW = "clients.view_client"


@dataclass(frozen=True, slots=True)
class TabLink:
    words: Words
    address: str
    is_here: bool


class ClientTab(View):
    """Seen by who may see clients and holds `permission`. `key`: last part of its address."""

    key: ClassVar[str]
    words: ClassVar[Words]
    permission: ClassVar[str] = VIEW
    template: ClassVar[str]
    http_method_names = ("get", "head")

    # Given by `addresses`: all tabs, in their order.
    tabs: tuple[type["ClientTab"], ...] = ()
    client: Client
    operator: User

    @classmethod
    def may_see(cls, operator: User) -> bool:
        return operator.has_perms({VIEW, cls.permission})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.operator = signed_in(request)
        if not self.may_see(self.operator):
            raise PermissionDenied  # before anybody is looked up: a refusal tells nothing
        self.client = self.find(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def find(self, pk: int) -> Client:
        """With what the heading shows, in one query; Http404."""
        rows = Client.objects.select_related("user__verification_state")
        return get_object_or_404(rows, pk=pk)

    def context(self) -> dict[str, Any]:
        """What the tab's template shows, beside `client` and `operator`."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        frame = {
            **admin.site.each_context(request),
            "opts": Client._meta,
            "trail_end": str(self.client),
            "title": f"{self.words}: {self.client}",
            "operator": self.operator,
            **heading(self.client, self.operator, self.tabs, here=self.key),
        }
        return TemplateResponse(request, self.template, {**frame, **self.context()})


class GeneralTab(ClientTab):
    """Only its place among the others: the page is the admin's change form."""

    key = GENERAL
    words = _("General")


def addresses(site: admin.AdminSite, tabs: tuple[type[ClientTab], ...]) -> list[URLPattern]:
    return [
        path(
            f"<int:pk>/{tab.key}/",
            site.admin_view(tab.as_view(tabs=tabs)),
            name=f"clients_client_{tab.key}",
        )
        for tab in tabs
        if tab.key != GENERAL
    ]


def heading(
    client: Client, operator: User, tabs: Iterable[type[ClientTab]], *, here: str
) -> dict[str, Any]:
    """What stands over every tab: who it is, the state, what may be done, and the tabs."""
    caller = caller_section.facts_for(client, operator)
    return {
        "client": client,
        "caller": caller,
        "caller_requests": caller_section.request_lines(caller),
        "original": client,
        "status": status_chip(client),
        "block_address": act_address(client, operator, "clients.block_client", "block"),
        "tab_links": [
            TabLink(tab.words, address_of(client, tab.key), tab.key == here)
            for tab in tabs
            if tab.may_see(operator)
        ],
    }


def act_address(client: Client, operator: User, permission: str, act: str) -> str:
    """The address of an act when the operator may do it to this client, else ""."""
    if not operator.has_perm(permission) or client.user.is_staff:
        return ""
    return reverse(f"admin:clients_client_{act}", args=[client.pk])
