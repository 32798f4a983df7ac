"""Closing a breaker by hand: asked before, since messages then go to that provider at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.admin.model_admin import operator_of
from backoffice.admin.provider_rows import NO_COUNTRY_KEY
from backoffice.admin.provider_standing import country_words, reason_of
from backoffice.admin.provider_view import CHANGE, ProviderView
from smsproviders import breakers


class ResetPage(ProviderView):
    url_name = "smsproviders_smsprovider_reset"
    permission = "smsproviders.reset_breaker"
    template = "admin/smsproviders/reset.html"
    country: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = kwargs["country"]
        self.country = "" if key == NO_COUNTRY_KEY else key
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = [b for b in breakers.open_breakers(self.provider) if b.country == self.country]
        if not found:
            return self._closed_already(request)
        return self.page(
            request,
            title=_("Reset: %s") % country_words(self.country),
            trail=[(self.provider.caption, reverse(CHANGE, args=[self.provider.pk]))],
            trail_end=_("Reset"),
            country=country_words(self.country),
            breaker=found[0],
            reason=reason_of(self.provider, found[0]),
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not breakers.reset(self.provider, self.country, actor=operator_of(request)):
            return self._closed_already(request)
        words = _("Messages go through %(provider)s again: %(country)s.")
        shown = {"provider": self.provider.caption, "country": country_words(self.country)}
        messages.success(request, words % shown)
        return self.back("#countries")

    def _closed_already(self, request: HttpRequest) -> HttpResponse:
        messages.info(request, _("It is closed already: there is nothing to reset."))
        return self.back("#countries")
