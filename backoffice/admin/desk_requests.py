"""Security > Requests: what the first line asks for, and what the Security desk does about it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.http import require_safe

from backoffice.admin.caller_note import NOT_DONE
from backoffice.admin.caller_section import TONES
from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Words
from clients.models import Client, User
from twofa import desk_requests
from twofa.desk_requests import Declined
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.models import DeskRequest
from twofa.operator_acts import NotDone
from twofa.people import signed_in
from twofa.vocabulary import FactorKind, OperatorAct

VIEW = "twofa.view_deskrequest"
LIST, DECLINE = "admin:desk_requests", "admin:desk_request_decline"
OPEN = DeskRequest.State.OPEN
SHOWN = 100
REASON_LENGTH = 500
_PAGES = {
    OperatorAct.DISABLE_AUTHENTICATOR: ("disable", FactorKind.AUTHENTICATOR.value),
    OperatorAct.DISABLE_SMS: ("disable", FactorKind.SMS.value),
    OperatorAct.UNLOCK: ("unlock",),
    OperatorAct.TEMPORARY_CODE: ("temporary_code",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`do_address` and `decline_address` are "" for who may only read."""

    request: DeskRequest
    client: Client
    address: str
    act: Words
    state: Words
    tone: str
    verdict: Words
    do_address: str
    decline_address: str


def addresses(site: AdminSite) -> list[URLPattern]:
    return [
        path("requests/", site.admin_view(requests), name="desk_requests"),
        path(
            "requests/<uuid:key>/decline/",
            site.admin_view(DeclinePage.as_view()),
            name="desk_request_decline",
        ),
    ]


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """All of them for the desk; for the first line, those of one's own."""
    reader = signed_in(request)
    if not reader.has_perm(VIEW):
        raise PermissionDenied
    rows = _seen_by(reader)
    context = {
        **admin.site.each_context(request),
        "title": _("Requests to the Security desk"),
        "trail": [(_("Security"), "")],
        "waiting": [_row(one, reader) for one in rows.filter(state=OPEN)[:SHOWN]],
        "answered": [_row(one, reader) for one in rows.exclude(state=OPEN)[:SHOWN]],
        "may_answer": desk_requests.may_answer(reader),
        "shown": SHOWN,
    }
    return TemplateResponse(request, "admin/clients/requests.html", context)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whoever asked reads it. No passwords, codes or phone numbers."),
        error_messages={"required": gettext_lazy("Write down why.")},
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].template_name = "admin/_field.html"  # type: ignore[attr-defined]  # Django 5.0


class DeclinePage(View):
    asked: DeskRequest

    def dispatch(
        self, request: HttpRequest, *args: Any, key: UUID, **kwargs: Any
    ) -> HttpResponseBase:
        if not desk_requests.may_answer(signed_in(request)):
            raise PermissionDenied
        rows = DeskRequest.objects.select_related("user__client", "asked_by")
        self.asked = get_object_or_404(rows, pk=key, user__client__isnull=False)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ReasonForm()) if self.asked.state == OPEN else self._over()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        done = desk_requests.decline(
            self.asked, operator=signed_in(request), reason=form.cleaned_data["reason"]
        )
        if done is Declined.OVER:
            return self._over()
        if isinstance(done, NotDone):
            messages.warning(request, str(NOT_DONE[done]))
        else:
            messages.success(request, _("Declined. Whoever asked sees the reason."))
        return redirect(LIST)

    def _over(self) -> HttpResponse:
        messages.info(self.request, _("Somebody answered this request before."))
        return redirect(LIST)

    def _page(self, form: ReasonForm) -> HttpResponse:
        act = OperatorAct(self.asked.act).label
        context = {
            **admin.site.each_context(self.request),
            "title": _("Decline: %(act)s?") % {"act": act},
            "trail": [(_("Security"), ""), (_("Requests"), reverse(LIST))],
            "trail_end": _("Decline"),
            "row": _row(self.asked, signed_in(self.request)),
            "form": form,
        }
        return TemplateResponse(self.request, "admin/clients/request_decline.html", context)


def _seen_by(reader: User) -> QuerySet[DeskRequest]:
    own = Q() if desk_requests.may_answer(reader) else Q(asked_by=reader)
    rows = DeskRequest.objects.filter(own, user__client__isnull=False)
    return rows.select_related("user__client", "asked_by", "answered_by")


def _row(one: DeskRequest, reader: User) -> Row:
    client, act, state = one.user.client, OperatorAct(one.act), DeskRequest.State(one.state)
    client.user = one.user
    answerable = state == OPEN and desk_requests.may_answer(reader)
    name, *rest = _PAGES[act]
    do_address = reverse(f"admin:clients_client_{name}", args=[client.pk, *rest])
    return Row(
        request=one,
        client=client,
        address=address_of(client, SETTINGS),
        act=act.label,
        state=state.label,
        tone=TONES[state],
        verdict=_words_of(one.verdict),
        do_address=do_address if answerable else "",
        decline_address=reverse(DECLINE, args=[one.pk]) if answerable else "",
    )


def _words_of(verdict: str) -> Words:
    known = next((entry for cause, entry in CATALOGUE.items() if cause == verdict), None)
    return known.title if known else verdict
