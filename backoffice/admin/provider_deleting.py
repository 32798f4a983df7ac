"""Deleting a provider that never sent; see `smsproviders.deleting`."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.admin.model_admin import operator_of
from backoffice.admin.provider_view import CHANGE, ProviderView
from smsproviders import deleting


class DeletePage(ProviderView):
    url_name = "smsproviders_smsprovider_delete"
    permission = "smsproviders.delete_smsprovider"
    template = "admin/smsproviders/delete.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(
            request,
            title=_("Delete %s?") % self.provider.caption,
            trail=[(self.provider.caption, reverse(CHANGE, args=[self.provider.pk]))],
            trail_end=_("Delete"),
            obstacle=deleting.obstacle(self.provider),
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if obstacle := deleting.delete(self.provider, actor=operator_of(request)):
            messages.error(request, _("Nothing was deleted. %s") % obstacle.label)
            return self.back()
        messages.success(request, _("%s is deleted.") % self.provider.caption)
        return redirect("admin:smsproviders_smsprovider_changelist")
