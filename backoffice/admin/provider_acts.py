"""Acts upon one SMS provider that have a button of their own: enable it, check it now."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.admin.model_admin import operator_of
from backoffice.admin.provider_view import (
    CHANGE,
    ENABLE,
    ProviderView,
    health_chip,
    is_checked,
    may,
)
from backoffice.admin.way_back import way_back, with_way_back
from smsproviders import configuring, health


class EnablePage(ProviderView):
    """Asks before a provider is enabled whose credentials are not known to be right."""

    url_name = "smsproviders_smsprovider_enable"
    permission = "smsproviders.change_smsprovider"
    template = "admin/smsproviders/enable.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(
            request,
            title=_("Enable %s?") % self.provider.caption,
            trail=[(self.provider.caption, reverse(CHANGE, args=[self.provider.pk]))],
            trail_end=_("Enable"),
            health=health_chip(self.provider),
            is_checked=is_checked(self.provider),
            may_check=may(request, CheckNow.permission),
            next=way_back(request),
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        configuring.enable(self.provider, actor=operator_of(request))
        messages.success(request, _("%s is enabled.") % self.provider.caption)
        return redirect(back) if (back := way_back(request)) else self.back()


class CheckNow(ProviderView):
    """Asks the provider at once; the answer takes seconds and stands on the page afterwards."""

    url_name = "smsproviders_smsprovider_check"
    permission = "smsproviders.check_smsprovider"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = health.check(self.provider, actor=operator_of(request))
        failed = [str(one.kind.label) for one in found if health.is_failed(one)]
        if failed:
            messages.warning(request, _("Checked. To look at: %s.") % ", ".join(failed))
        else:
            messages.success(request, _("Checked: all is well."))
        if "then_enable" in request.POST:
            address = reverse(ENABLE, args=[self.provider.pk])
            return redirect(with_way_back(address, way_back(request)))
        return redirect(back) if (back := way_back(request)) else self.back("#health")
