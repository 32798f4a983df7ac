"""Clients > Messages: every SMS that we wanted sent, and what became of it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.admin import keyset
from backoffice.admin.keyset import Find, Page
from backoffice.admin.messages_form import ListForm, TabForm
from backoffice.admin.messages_page import message_page
from backoffice.admin.messages_resend import SendAgain
from backoffice.admin.messages_rows import rows_of
from backoffice.admin.messages_search import Search, search
from backoffice.admin.model_admin import BackOfficeAdmin
from smsproviders.models import SmsMessage
from twofa.people import signed_in

SAFE = frozenset({"GET", "HEAD"})


@admin.register(SmsMessage)
class SmsMessageAdmin(BackOfficeAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(SendAgain.as_view())
        return [
            path("<uuid:pk>/send-again/", again, name="smsproviders_smsmessage_send_again"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in SAFE:
            raise PermissionDenied
        form = ListForm(request.GET)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Messages"),
            "cl": True,  # the trail ends with this list
            **list_context(request, form),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/smsproviders/messages/list.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request) or object_id is None:
            raise PermissionDenied
        if request.method not in SAFE:
            raise PermissionDenied
        return message_page(request, object_id)


def list_context(
    request: HttpRequest, form: TabForm, *, among: Find[SmsMessage] | None = None
) -> dict[str, Any]:
    """What `_messages.html` shows: the filters, one page of rows, and the way to the others."""
    place, count = keyset.place_of(request), ""
    shown: Page[SmsMessage] = Page([])
    if form.is_valid():
        found = search(form.given, among=among)
        shown = found.page(place)
        count = count_words(found, shown) if place.is_top else ""
    return {
        "form": form,
        "rows": rows_of(shown.rows, reader=signed_in(request)),
        "count": count,
        "looked_to": shown.looked_to,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "clear": request.path,
        **keyset.links(request, shown, place),
    }


def count_words(found: Search, newest: Page[SmsMessage]) -> str:
    """ "" where only a part was looked at and that part is all on this page."""
    shown = len(newest.rows)
    if newest.looked_to:
        return ""
    number, is_more = found.count(newest)
    names = {"shown": shown, "number": number_format(number)}
    if is_more:
        return _("%(shown)d of more than %(number)s messages") % names
    if number > shown:
        return _("%(shown)d of %(number)s messages") % names
    return ngettext("%(number)s message", "%(number)s messages", number) % names
