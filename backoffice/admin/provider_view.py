"""What the pages of one SMS provider have in common."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from backoffice.admin.display import Tone, chip
from smsproviders.backends import UnknownBackend, backend_class
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import CheckResult

CHANGE = "admin:smsproviders_smsprovider_change"
ENABLE = "admin:smsproviders_smsprovider_enable"
TONES = {
    CheckResult.OK: Tone.OK,
    CheckResult.PROBLEM: Tone.BAD,
    CheckResult.UNKNOWN: Tone.CALM,
}


class ProviderView(View):
    """A page of one provider, for who holds `permission`."""

    url_name: ClassVar[str] = ""
    permission: ClassVar[str] = "smsproviders.view_smsprovider"
    template: ClassVar[str] = ""
    provider: SmsProvider

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request, self.permission):
            raise PermissionDenied
        self.provider = provider_or_404(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def page(self, request: HttpRequest, **context: Any) -> TemplateResponse:
        return page(request, self.template, provider=self.provider, **context)

    def back(self, fragment: str = "") -> HttpResponse:
        return redirect(reverse(CHANGE, args=[self.provider.pk]) + fragment)


def is_checked(provider: SmsProvider) -> bool:
    return provider.credentials_result == CheckResult.OK


def health_chip(provider: SmsProvider) -> SafeString:
    if provider.credentials_checked_at is None:
        return chip(_("Not checked"), Tone.WARN)
    return check_chip(provider.credentials_result)


def check_chip(result: str) -> SafeString:
    known = CheckResult(result)
    return chip(known.label, TONES[known])


def page(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    frame = {**admin.site.each_context(request), "opts": SmsProvider._meta}
    return TemplateResponse(request, template, {**frame, **context})


def provider_or_404(pk: UUID | str) -> SmsProvider:
    try:
        return SmsProvider.objects.get(pk=pk)
    except (SmsProvider.DoesNotExist, ValidationError):
        raise Http404 from None


def may(request: HttpRequest, permission: str) -> bool:
    return request.user.has_perm(permission)


def backend_words(key: str) -> str:
    """Its name; the key itself when there is no such backend here."""
    try:
        return str(backend_class(key).name)
    except UnknownBackend:
        return key
