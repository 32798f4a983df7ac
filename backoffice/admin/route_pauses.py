"""Security > Paused routes: what gets no codes now, why, on what evidence, until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.admin.route_pause_lift import LIFT, LIST, MAY_LIFT, LiftPage
from backoffice.admin.route_pause_words import evidence_of, reason_chip, route_words
from smsproviders import pauses, route_figures
from smsproviders.models import PauseReason, RoutePause
from smsproviders.pauses import subject_of
from smsproviders.policy_keys import PAUSE_CONVERSION, PAUSE_SENDS
from smsproviders.route_figures import Conversion

ENDED_WITHIN = timedelta(days=7)
SHOWN = 100
COUNTRIES_SHOWN = 20
FIGURES_OF = timedelta(days=1)
SETTINGS = "admin:policy_systemsetting_changelist"


@dataclass(frozen=True, slots=True)
class Row:
    pause: RoutePause
    route: str
    reason: SafeString
    evidence: str
    act: str = ""
    address: str = ""


@admin.register(RoutePause)
class RoutePauseAdmin(BackOfficeAdmin):
    def audit_subject(self, obj: RoutePause) -> str:
        return subject_of(obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(LiftPage.as_view())
        lift = path("<uuid:pk>/lift/", view, name=LIFT.removeprefix("admin:"))
        return [lift, *super().get_urls()]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Pauses begin by themselves, and end by themselves or by being lifted."""
        return redirect(LIST)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        in_force = pauses.in_force(now)
        ended = RoutePause.objects.exclude(pk__in=in_force.values("pk"))
        since = now - ENDED_WITHIN
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Paused routes"),
            "cl": True,  # the trail ends with this list
            "in_force": [_row(pause, request) for pause in in_force[:SHOWN]],
            "ended": [_row(pause) for pause in ended.filter(ends_at__gt=since)[:SHOWN]],
            "countries": list(_countries(now - FIGURES_OF)),
            "pause_sends": PAUSE_SENDS(),
            "pause_conversion": PAUSE_CONVERSION(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/smsproviders/pauses/list.html", context)


def _row(pause: RoutePause, request: HttpRequest | None = None) -> Row:
    act, address = _act(pause, request) if request else ("", "")
    return Row(pause, route_words(pause), reason_chip(pause), evidence_of(pause), act, address)


def _act(pause: RoutePause, request: HttpRequest) -> tuple[str, str]:
    """What this operator can do about it."""
    if pause.reason == PauseReason.SPEND_CAP:
        may = request.user.has_perm("policy.change_systemsetting")
        return (_("Raise the cap"), reverse(SETTINGS)) if may else ("", "")
    if not request.user.has_perm(MAY_LIFT):
        return "", ""
    return _("Lift"), reverse(LIFT, args=[pause.pk])


def _countries(since: datetime) -> Iterator[tuple[str, Conversion]]:
    """Those that got most codes."""
    found = route_figures.by_country(since=since)
    most = sorted(found.items(), key=lambda item: -item[1].sends)
    yield from most[:COUNTRIES_SHOWN]
