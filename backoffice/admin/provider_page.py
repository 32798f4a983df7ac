"""Provider settings: the page of one SMS provider. What is right is said by `smsproviders`."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View

from backoffice.admin import provider_breakers, provider_checks, provider_deleting
from backoffice.admin.incidents import row_of
from backoffice.admin.model_admin import MAY_READ_LOGS, operator_of
from backoffice.admin.provider_form import NumberForm, ProviderForm, reasons_of
from backoffice.admin.provider_rows import facts_of
from backoffice.admin.provider_view import (
    CHANGE,
    ENABLE,
    backend_words,
    check_chip,
    is_checked,
    may,
    page,
    provider_or_404,
)
from backoffice.common.encryption import DecryptionFailed
from smsproviders import configuring, deleting, health, incidents
from smsproviders.backends import UnknownBackend, available, backend_class
from smsproviders.log_actions import subject_of
from smsproviders.models import SmsProvider

RESET = provider_breakers.ResetPage.permission
CHECKS = provider_checks.ChecksPage.permission
DELETE = provider_deleting.DeletePage.permission


class SettingsPage(View):
    """Adding (no `pk`; the kind of provider is chosen first) and changing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pk = kwargs["pk"]
        act = "add" if not pk else "change" if request.method == "POST" else "view"
        if not may(request, f"smsproviders.{act}_smsprovider"):
            raise PermissionDenied
        self.provider = provider_or_404(pk) if pk else None
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return show_settings(request, self.provider)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save. Who asks to enable what was not checked is asked once more, on a page of its own:
        all is saved by then, and no secret must be typed twice."""
        form = form_for(request, self.provider, data=request.POST)
        fields = form.fields() if form else None
        if form is None or fields is None:
            return show_settings(request, self.provider, form=form)
        was_enabled = bool(self.provider and self.provider.enabled)
        wants_enabling = fields.enabled and not was_enabled
        try:
            provider = configuring.save(
                self.provider,
                replace(fields, enabled=fields.enabled and was_enabled),
                actor=operator_of(request),
            )
        except ValidationError as error:
            form.refuse(reasons_of(error))
            return show_settings(request, self.provider, form=form)
        messages.success(request, _("Saved."))
        if wants_enabling:
            return enable_or_ask(request, provider)
        if was_enabled and not provider.enabled:
            warn_without_any(request)
        return redirect(CHANGE, provider.pk)


def show_settings(
    request: HttpRequest,
    provider: SmsProvider | None,
    *,
    form: ProviderForm | None = None,
    **context: Any,
) -> HttpResponse:
    form = form or form_for(request, provider)
    context.setdefault("test_form", NumberForm(label_suffix=""))
    if provider is None:
        if form is None:
            return choose_backend(request)
        name = form.kind.name
        context |= {"title": _("Add a provider: %s") % name, "backend_name": name}
        context["trail_end"] = _("Add")
        return page(request, "admin/smsproviders/settings.html", form=form, **context)
    found = health.latest(provider)
    context |= {
        "title": _("Provider settings"),
        "trail_end": provider.caption,
        "provider": provider,
        "form": form,
        "backend_name": backend_words(provider.backend),
        "may_change": may(request, "smsproviders.change_smsprovider"),
        "may_check": may(request, "smsproviders.check_smsprovider"),
        "may_test": may(request, "smsproviders.send_test_sms"),
        "may_read_logs": may(request, MAY_READ_LOGS),
        "subject": subject_of(provider),
        "callback": f"{settings.PUBLIC_URL}/sms/reports/{provider.name}/",
        "may_reset": may(request, RESET),
        "may_see_checks": may(request, CHECKS),
        "incidents": [row_of(one) for one in incidents.open_now().filter(provider=provider)],
        "may_see_incidents": may(request, "smsproviders.view_incident"),
        "may_delete": may(request, DELETE) and not deleting.has_sent(provider),
        "checks": [(one, check_chip(one.result)) for one in found],
        "checked_at": max((one.at for one in found), default=None),
        **facts_of(provider),
    }
    return page(request, "admin/smsproviders/settings.html", **context)


def choose_backend(request: HttpRequest) -> HttpResponse:
    # Not the classes themselves: a template would call them.
    kinds = [
        {"key": kind.key, "name": kind.name, "for_development": kind.for_development}
        for kind in map(backend_class, available())
    ]
    return page(
        request,
        "admin/smsproviders/choose.html",
        title=_("Add a provider"),
        trail_end=_("Add"),
        kinds=kinds,
    )


def form_for(
    request: HttpRequest, provider: SmsProvider | None, *, data: Any = None
) -> ProviderForm | None:
    """None when it cannot be shown: no backend chosen yet, none of that key, or unreadable."""
    backend = provider.backend if provider else request.GET.get("backend", "")
    may_change = provider is None or may(request, "smsproviders.change_smsprovider")
    try:
        return ProviderForm(backend, provider=provider, data=data, may_change=may_change)
    except (UnknownBackend, DecryptionFailed):
        return None


def enable_or_ask(request: HttpRequest, provider: SmsProvider) -> HttpResponse:
    if not is_checked(provider):
        return redirect(ENABLE, provider.pk)
    configuring.enable(provider, actor=operator_of(request))
    return redirect(CHANGE, provider.pk)


def warn_without_any(request: HttpRequest) -> None:
    if not SmsProvider.objects.filter(enabled=True).exists():
        messages.warning(request, _("No provider is enabled now: no code can be sent by SMS."))
