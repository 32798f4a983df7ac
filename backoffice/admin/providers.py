"""System > SMS providers: the list, and the addresses of Provider settings."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from backoffice.admin import (
    provider_acts,
    provider_breakers,
    provider_checks,
    provider_deleting,
    provider_page,
    provider_trial,
)
from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.admin.provider_rows import rows_of
from smsproviders.log_actions import subject_of
from smsproviders.models import SmsProvider

# Far more than anyone has; what is beyond is found under its address.
SHOWN = 100


@admin.register(SmsProvider)
class SmsProviderAdmin(BackOfficeAdmin):
    def audit_subject(self, obj: SmsProvider) -> str:
        return subject_of(obj)

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "check": provider_acts.CheckNow,
            "enable": provider_acts.EnablePage,
            "delete": provider_deleting.DeletePage,
            "checks": provider_checks.ChecksPage,
            "breakers/<str:country>/reset": provider_breakers.ResetPage,
            "test": provider_trial.SendTrial,
            "test/<uuid:message>": provider_trial.TrialPage,
            "test/<uuid:message>/status": provider_trial.TrialStatus,
        }
        own = [
            path(
                f"<uuid:pk>/{address}/",
                self.admin_site.admin_view(view.as_view()),
                name=view.url_name,
            )
            for address, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        providers = list(SmsProvider.objects.all()[:SHOWN])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("SMS providers"),
            "cl": True,  # the trail ends with this list
            "rows": rows_of(providers),
            "none_enabled": not any(provider.enabled for provider in providers),
            "may_add": self.has_add_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/smsproviders/list.html", context)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Without Django's transaction around it: the flows open their own."""
        return cast("HttpResponse", provider_page.SettingsPage.as_view()(request, pk=object_id))
