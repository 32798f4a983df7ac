"""Clients > General: the list, its search and filters; the client's own page is `client_page`."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.admin import (
    client_export,
    client_filters,
    client_hits,
    client_page,
    client_search,
)
from backoffice.admin.client_display import address_of, status_chip, two_factor_chip
from backoffice.admin.display import NOTHING, ago
from backoffice.common.masking import mask_phone
from clients.models import Client


@admin.register(Client)
class ClientAdmin(client_page.ClientPage):
    list_display = (
        "id",
        "client",
        "status_chip",
        "two_factor_chip",
        "phone_and_country",
        "level",
        "manager_and_tags",
        "last_sign_in",
        "edit",
    )
    list_display_links = ("client",)
    list_filter = (
        client_filters.TwoFactorFilter,
        client_filters.StatusFilter,
        client_filters.CountryFilter,
        client_filters.ManagerFilter,
        client_filters.TagFilter,
        client_filters.TroubleFilter,
    )
    # The search itself is `client_search`; Django shows the field when this is not empty.
    search_fields = ("name",)
    search_help_text = _("Name, e-mail, phone in any format, ID, or the reference of a code")
    # By other columns a million rows would have to be sorted.
    sortable_by = ("id",)
    list_select_related = ("user__verification_state", "manager")
    change_list_template = "admin/clients/client/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        return super().get_queryset(request).prefetch_related("tags")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Client], search_term: str
    ) -> tuple[QuerySet[Client], bool]:
        hits = client_search.search(queryset, search_term)
        if hits.is_cut:
            words = _("Very many match: the newest %(most)d are shown. Add a word or a filter.")
            messages.info(request, words % {"most": client_search.MOST})
        return hits.clients, False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": _("Clients"), **(extra_context or {})}
        answer = super().changelist_view(request, title)
        only = client_hits.address_of_only(request, answer)
        return HttpResponseRedirect(only) if only else answer

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return client_hits.ClientList

    def get_urls(self) -> list[URLPattern]:
        return [client_export.address(self), *super().get_urls()]

    @admin.display(description=_("name, e-mail"))
    def client(self, client: Client) -> SafeString:
        return format_html(
            '{}<span class="second">{}</span>', client.name or NOTHING, client.user.email
        )

    @admin.display(description=_("status"))
    def status_chip(self, client: Client) -> SafeString:
        return status_chip(client)

    @admin.display(description=_("phone, country"))
    def phone_and_country(self, client: Client) -> SafeString:
        return format_html(
            '<span class="number">{}</span><span class="second">{}</span>',
            mask_phone(str(client.phone)) if client.phone else NOTHING,
            client.country,
        )

    @admin.display(description=_("2FA"))
    def two_factor_chip(self, client: Client) -> SafeString:
        return two_factor_chip(client)

    @admin.display(description=_("verification"))
    def level(self, client: Client) -> str:
        return client.get_verification_level_display()

    @admin.display(description=_("manager, tags"))
    def manager_and_tags(self, client: Client) -> SafeString:
        tags = [(tag.name,) for tag in client.tags.all()]
        return format_html(
            '{}<span class="second">{}</span>',
            client.manager.get_full_name() if client.manager else NOTHING,
            format_html_join(" ", '<span class="tag">{}</span>', tags),
        )

    @admin.display(description=_("last sign-in, created"))
    def last_sign_in(self, client: Client) -> SafeString:
        return format_html(
            '{}<span class="second">{}</span>',
            ago(client.user.last_login),
            ago(client.created_at),
        )

    @admin.display(description="")
    def edit(self, client: Client) -> SafeString:
        return format_html(
            '<a href="{}" aria-label="{}: {}">{}</a>',
            address_of(client),
            _("Edit"),
            client,
            _("Edit"),
        )
