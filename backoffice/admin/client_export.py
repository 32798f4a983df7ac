"""Clients > General as CSV: what the list shows and filters, masked, and written to the log."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from backoffice.admin.csv_export import csv_response
from backoffice.admin.model_admin import operator_of
from backoffice.audit import log
from backoffice.common.masking import mask_email, mask_phone
from clients.models import Client

if TYPE_CHECKING:
    from backoffice.admin.clients import ClientAdmin

EXPORTED = log.action("clients.exported", _("Clients exported"))
PERMISSION = "clients.export_clients"
ROWS_AT_ONCE = 2000
HEADS = (
    _("ID"),
    _("name"),
    _("status"),
    _("e-mail"),
    _("phone"),
    _("country"),
    _("manager"),
    _("tags"),
    _("verification level"),
    _("2FA"),
    _("last sign-in"),
    _("created"),
)


def address(page: "ClientAdmin") -> URLPattern:
    def export(request: HttpRequest) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        chosen = page.get_changelist_instance(request).get_queryset(request)
        facts = {"filters": sorted(set(request.GET) - {"q"}), "search": "q" in request.GET}
        log.record(EXPORTED, actor=operator_of(request), facts=facts)
        return csv_response("clients", heads=HEADS, rows=_rows(chosen))

    return path("export/", page.admin_site.admin_view(export), name="clients_client_export")


def _rows(chosen: QuerySet[Client]) -> Iterator[list[Any]]:
    for client in chosen.iterator(chunk_size=ROWS_AT_ONCE):
        yield [
            client.pk,
            client.name,
            client.get_status_display(),
            mask_email(client.user.email),
            mask_phone(str(client.phone)) if client.phone else "",
            client.country,
            client.manager.get_full_name() if client.manager else "",
            ", ".join(tag.name for tag in client.tags.all()),
            client.get_verification_level_display(),
            client.get_two_factor_display(),
            _moment(client.user.last_login),
            _moment(client.created_at),
        ]


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
