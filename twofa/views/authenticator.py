"""Profile > Security > Google Authenticator: enable, replace, disable."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import bindings, enrolment, factors, qr, resynchronising, step_up
from twofa.forms.codes import typed
from twofa.policy_keys import SERVICE_NAME
from twofa.results import AuthenticatorEnrolment, Refused, SendRefused
from twofa.views import disabling, enabled, support_reference, two_codes
from twofa.views.asking import Ask, code_form, under
from twofa.views.facts import facts_of
from twofa.views.pages import SeeOther, tell
from twofa.views.refusals import box_for, box_for_send
from twofa.views.security_page import ChangePage
from twofa.vocabulary import FactorKind, Purpose

KIND = FactorKind.AUTHENTICATOR


class AuthenticatorPage(ChangePage):
    """The key stands only in the answers to `begin` and to a wrong code, never behind a GET."""

    while_enrolling = True
    acts = {
        "begin": gettext_lazy("You are about to set up an authenticator app."),
        "disable": gettext_lazy("You are about to disable Google Authenticator."),
    }

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def _page(self, *, refused: Refused | None = None) -> HttpResponse:
        overview = factors.overview(self.user)
        facts = overview.factors[KIND]
        problem = two_codes.problem_for(refused)
        allowed = resynchronising.allowed(self.user, at=timezone.now()) if facts.enabled else None
        form = under(problem, two_codes.form_for(self.request, refused)) if allowed else None
        return self.page(
            "twofa/authenticator.html",
            factor=facts.enabled,
            facts=facts_of(facts),
            allowed=facts.method_on,
            only=overview.enabled == {KIND},
            required=factors.is_required(self.user),
            two_codes=form,
            problem=problem,
            reference=support_reference.of(self.request, self.user) if refused else "",
        )

    def change(self, request: HttpRequest) -> HttpResponse:
        if "begin" in request.POST:
            return self._begin(request)
        if "disable" in request.POST:
            return disabling.disable(request, KIND)
        if "code" in request.POST:
            return self._confirm(request)
        if "second" in request.POST:
            return self._resynchronise(request)
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

    def _resynchronise(self, request: HttpRequest) -> HttpResponse:
        result = resynchronising.resynchronise(
            self.user,
            purpose=Purpose.STEP_UP,
            binding=bindings.of(request),
            first=two_codes.typed(request, "first"),
            second=two_codes.typed(request, "second"),
            # Nothing is learnt by a session that was ended meanwhile.
            also=lambda _verified: step_up.require_session(request),
        )
        if isinstance(result, Refused):
            return self._page(refused=result)
        two_codes.tell_clock(request, result)
        return SeeOther(request.path)

    def _enrolment(
        self, begun: AuthenticatorEnrolment, *, refused: Refused | None = None
    ) -> HttpResponse:
        problem = box_for(refused, KIND) if refused else None
        form = under(problem, code_form(KIND, refused=refused))
        # The picture above is scanned first: the focus would scroll it away.
        form.takes_focus = form.takes_focus and refused is not None
        return self.page(
            "twofa/authenticator_enrol.html",
            ask=Ask(
                form=form,
                submit=_("Turn it on"),
                reference=begun.challenge.public_reference,
                by_app=True,
                app_help_open=refused is not None,
            ),
            problem=problem,
            qr=qr.svg(begun.uri),
            uri=begun.uri,
            service=SERVICE_NAME(),
            account=self.user.email,
            key=begun.key,
            key_groups=qr.grouped(begun.key),
        )
