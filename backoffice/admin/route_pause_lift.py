"""Lifting a pause: what happened since, a reason, and a button that names the route."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from backoffice.admin.model_admin import operator_of
from backoffice.admin.route_pause_words import evidence_of, reason_chip, route_words
from smsproviders import pauses, route_figures
from smsproviders.models import PauseReason, RoutePause, RouteScope
from smsproviders.policy_keys import PAUSE_WINDOW
from smsproviders.route_figures import Conversion

LIST = "admin:smsproviders_routepause_changelist"
LIFT = "admin:smsproviders_routepause_lift"
MAY_LIFT = "smsproviders.lift_pause"
REASON_LENGTH = 500
PREFIXES_SHOWN = 20


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in Logs, encrypted. No passwords, codes or phone numbers."),
        error_messages={"required": gettext_lazy("Write down why.")},
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].template_name = "admin/_field.html"  # type: ignore[attr-defined]  # Django 5.0


class LiftPage(View):
    pause: RoutePause

    def dispatch(
        self, request: HttpRequest, *args: Any, pk: UUID, **kwargs: Any
    ) -> HttpResponseBase:
        if not request.user.has_perm(MAY_LIFT):
            raise PermissionDenied
        rows = RoutePause.objects.exclude(reason=PauseReason.SPEND_CAP)
        self.pause = get_object_or_404(rows, pk=pk)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.pause.is_in_force(timezone.now()):
            return self._over()
        return self._page(ReasonForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        reason = form.cleaned_data["reason"]
        if not pauses.lift(self.pause, actor=operator_of(request), reason=reason):
            return self._over()
        words = _("Codes go to %(route)s again.") % {"route": route_words(self.pause)}
        messages.success(request, words)
        return redirect(LIST)

    def _over(self) -> HttpResponse:
        messages.info(self.request, _("This pause is over already."))
        return redirect(LIST)

    def _page(self, form: ReasonForm) -> HttpResponse:
        pause = self.pause
        context = {
            **admin.site.each_context(self.request),
            "opts": RoutePause._meta,
            "title": _("Lift the pause of %(route)s?") % {"route": route_words(pause)},
            "trail_end": _("Lift"),
            "pause": pause,
            "route": route_words(pause),
            "reason": reason_chip(pause),
            "evidence": evidence_of(pause),
            "since": _since(pause),
            "prefixes": _prefixes(pause),
            "form": form,
        }
        return TemplateResponse(self.request, "admin/smsproviders/pauses/lift.html", context)


def _since(pause: RoutePause) -> Conversion:
    """Codes that went there since, to numbers that are exempt."""
    if pause.scope == RouteScope.COUNTRY:
        return route_figures.of_country(pause.route, since=pause.began_at)
    found = route_figures.of_prefixes([pause.route], since=pause.began_at)
    return found.get(pause.route, Conversion(0, 0))


def _prefixes(pause: RoutePause) -> list[tuple[str, Conversion]]:
    """Of a country: the prefixes that made it so, those with most abandoned codes first."""
    if pause.scope != RouteScope.COUNTRY:
        return []
    since = pause.began_at - timedelta(seconds=PAUSE_WINDOW())
    found = route_figures.by_prefix(pause.route, since=since)
    worst = sorted(found.items(), key=lambda item: item[1].typed - item[1].sends)
    return worst[:PREFIXES_SHOWN]
