"""Profile > Security > Google Authenticator: enable, replace, disable."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import enrolment, factors, qr
from twofa.forms.codes import typed
from twofa.results import AuthenticatorEnrolment, Refused, SendRefused
from twofa.views import disabling, enabled, support_reference
from twofa.views.asking import Ask, code_form, under
from twofa.views.facts import facts_of
from twofa.views.pages import tell
from twofa.views.refusals import box_for, box_for_send
from twofa.views.security_page import ChangePage
from twofa.vocabulary import FactorKind

KIND = FactorKind.AUTHENTICATOR


class AuthenticatorPage(ChangePage):
    """The key stands only in the answers to `begin` and to a wrong code, never behind a GET."""

    while_enrolling = True
    acts = {
        "begin": gettext_lazy("You are about to set up an authenticator app."),
        "disable": gettext_lazy("You are about to disable Google Authenticator."),
    }

    def get(self, request: HttpRequest) -> HttpResponse:
        overview = factors.overview(self.user)
        facts = overview.factors[KIND]
        return self.page(
            "twofa/authenticator.html",
            factor=facts.enabled,
            facts=facts_of(facts),
            allowed=facts.method_on,
            only=overview.enabled == {KIND},
            required=factors.is_required(self.user),
        )

    def change(self, request: HttpRequest) -> HttpResponse:
        if "begin" in request.POST:
            return self._begin(request)
        if "disable" in request.POST:
            return disabling.disable(request, KIND)
        if "code" in request.POST:
            return self._confirm(request)
        return redirect("twofa:authenticator")

    def _begin(self, request: HttpRequest) -> HttpResponse:
        begun = enrolment.begin_authenticator(request)
        if not isinstance(begun, SendRefused):
            return self._enrolment(begun)
        reference = support_reference.of(request, self.user)
        tell(request, replace(box_for_send(begun), reference=reference))
        return redirect("twofa:authenticator")

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        result = enrolment.confirm(request, KIND, typed(request.POST))
        if not isinstance(result, Refused):
            return enabled.after(self, result)
        begun = enrolment.authenticator_begun(request)
        if begun is None:
            messages.warning(request, _("This set-up is over. Please begin once more."))
            return redirect("twofa:authenticator")
        return self._enrolment(begun, refused=result)

    def _enrolment(
        self, begun: AuthenticatorEnrolment, *, refused: Refused | None = None
    ) -> HttpResponse:
        problem = box_for(refused, KIND) if refused else None
        return self.page(
            "twofa/authenticator_enrol.html",
            ask=Ask(
                form=under(problem, code_form(KIND, refused=refused)),
                submit=_("Turn it on"),
                reference=begun.challenge.public_reference,
                by_app=True,
                app_help_open=refused is not None,
            ),
            problem=problem,
            qr=qr.svg(begun.uri),
            key=begun.key,
            key_groups=qr.grouped(begun.key),
        )
