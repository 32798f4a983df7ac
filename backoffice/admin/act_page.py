"""A page for one act on one client: what will happen, why, and a button that names the act.

Nothing happens on GET. An act may ask for the operator's own fresh code (`OwnCodePage`): a session
left open must not be enough. After an error everything that was typed stays, but the code.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from backoffice.admin.caller_note import caller_note
from backoffice.admin.client_display import GENERAL, SETTINGS, address_of
from clients.models import Client, User
from twofa import factors, step_up, support_pins
from twofa.forms.codes import Typed, typed
from twofa.people import signed_in
from twofa.results import Refused, SendRefused
from twofa.views.refusals import Problem, box_for, box_for_send, line_for
from twofa.vocabulary import FactorKind, OperatorAct

REASON_LENGTH = 500


class ActForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in Logs, encrypted. No passwords, codes or card numbers."),
        error_messages={"required": gettext_lazy("Write down why.")},
    )
    ticket = forms.CharField(label=gettext_lazy("Ticket number"), max_length=50, required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.template_name = "admin/_field.html"  # type: ignore[attr-defined]  # Django 5.0


class OwnCodeForm(ActForm):
    code = forms.CharField(
        required=False,
        strip=False,
        widget=Typed(
            attrs={"class": "code", "inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )


class ActPage(View):
    site: ClassVar[admin.AdminSite] = admin.site
    form_class: type[ActForm] = ActForm
    template_name = "admin/clients/client/act.html"
    tab = GENERAL
    dangerous = True

    # Where who calls matters: the page says what is known of the caller.
    caller_act: OperatorAct | None = None

    request: HttpRequest
    client: Client
    operator: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        clients = Client.objects.select_related("user")
        self.client = get_object_or_404(clients, pk=kwargs["pk"])
        self.operator = signed_in(request)
        if not self.may():
            raise PermissionDenied

    def may(self) -> bool:
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """`title`, `summary`, `button` and what else the template shows."""
        raise NotImplementedError

    def act(self, form: ActForm) -> HttpResponse:
        raise NotImplementedError

    def nothing_to_do(self) -> str:
        """Why the page has nothing to offer any more; "" when it has."""
        return ""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.done_already() or self.show(self.form_class(initial=self.initial()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if done := self.done_already():
            return done
        form = self.form_class(request.POST)
        return self.act(form) if form.is_valid() else self.show(form)

    def initial(self) -> dict[str, Any]:
        return {}

    def done_already(self) -> HttpResponse | None:
        words = self.nothing_to_do()
        return self.back(words, level=messages.INFO) if words else None

    def back(self, words: str, *, level: int = messages.SUCCESS) -> HttpResponse:
        messages.add_message(self.request, level, words)
        return HttpResponseRedirect(address_of(self.client, self.tab))

    def show(self, form: ActForm, **more: Any) -> HttpResponse:
        context = {
            **self.site.each_context(self.request),
            "opts": Client._meta,
            "client": self.client,
            "form": form,
            "back": address_of(self.client, self.tab),
            "trail": [(str(self.client), address_of(self.client, self.tab))],
            "dangerous": self.dangerous,
            **self.caller(),
            **self.facts(),
            **more,
        }
        return TemplateResponse(self.request, self.template_name, context)

    def caller(self) -> dict[str, Any]:
        if self.caller_act is None:
            return {}
        note = caller_note(self.operator, self.client.user, self.caller_act)
        note["caller_address"] = f"{address_of(self.client, SETTINGS)}#caller"
        if support_pins.may_identify(self.operator, self.client.user):
            note["identify_address"] = reverse(
                "admin:clients_client_identify", args=[self.client.pk]
            )
        return note


class OwnCodePage(ActPage):
    """An act that the operator confirms with his own second factor, then and there."""

    form_class: type[ActForm] = OwnCodeForm

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if done := self.done_already():
            return done
        if "send" in request.POST:
            return self.send()
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.show(form)
        factor = self.factor()
        result = step_up.verify_for_act(request, factor=factor, code=typed(request.POST))
        if isinstance(result, Refused):
            problem = box_for(result, factor)
            form.add_error("code", line_for(result, factor) or (problem and problem.title) or "")
            return self.show(form, problem=problem)
        return self.act(form)

    def send(self) -> HttpResponse:
        """By SMS, when pressed: a code costs money. What was typed so far stays."""
        sent = step_up.send_for_act(self.request, FactorKind.SMS)
        typed = {name: self.request.POST.get(name) for name in self.form_class.base_fields}
        form = self.form_class(initial={**typed, "code": ""})
        problem = (
            box_for_send(sent)
            if isinstance(sent, SendRefused)
            else Problem(_("A code is on its way to your phone"), tone="ok")
        )
        return self.show(form, factor=FactorKind.SMS, problem=problem)

    def factor(self) -> FactorKind:
        """The operator's own factor that the code is of."""
        offered = factors.offered(self.operator)
        asked = self.request.POST.get("factor")
        chosen = [kind for kind in offered if kind.value == asked] or offered
        if not chosen:
            raise PermissionDenied
        return chosen[0]

    def show(self, form: ActForm, **more: Any) -> HttpResponse:
        factor = more.pop("factor", None) or self.factor()
        # At the field as shown, too: Django made that when it looked at what was typed.
        form.fields["code"].label = form["code"].label = (
            _("Your own code by SMS")
            if factor is FactorKind.SMS
            else _("The code of your own authenticator app")
        )
        by_sms = FactorKind.SMS in factors.offered(self.operator)
        return super().show(form, factor=factor.value, may_send=by_sms, **more)
