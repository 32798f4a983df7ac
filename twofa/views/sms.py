"""Profile > Security > SMS confirmation: enable, change the number, disable."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import bindings, challenges, enrolment, factors
from twofa.forms.codes import typed
from twofa.forms.phone import PhoneForm
from twofa.models import SmsConfirmation
from twofa.numbers import country_of
from twofa.results import Refused, SendRefused
from twofa.views import disabling, enabled, support_reference
from twofa.views.asking import Ask, code_form, sms_line, under
from twofa.views.facts import facts_of
from twofa.views.pages import SeeOther
from twofa.views.phone_words import phone_words
from twofa.views.refusals import Problem, box_for, box_for_send
from twofa.views.security_page import ChangePage
from twofa.vocabulary import FactorKind, Purpose

KIND = FactorKind.SMS


class SmsPage(ChangePage):
    """While a number waits for its code the page asks for that; `?number=edit` goes back."""

    while_enrolling = True
    kept_with_acts = ("country",)
    acts = {
        "phone": gettext_lazy("You are about to have codes sent to a new number."),
        "resend": gettext_lazy("You are about to have codes sent to a new number."),
        "disable": gettext_lazy("You are about to disable SMS confirmation."),
    }

    def get(self, request: HttpRequest) -> HttpResponse:
        begun = enrolment.sms_begun(request)
        if begun is None or request.GET.get("number") == "edit":
            return self._number(self._form(begun))
        return self._code(begun)

    def change(self, request: HttpRequest) -> HttpResponse:
        if "phone" in request.POST:
            return self._begin(request)
        if "disable" in request.POST:
            return disabling.disable(request, KIND)
        begun = enrolment.sms_begun(request)
        if begun is None:
            messages.warning(request, _("This set-up is over. Please begin once more."))
            return redirect("twofa:sms")
        if "resend" in request.POST:
            return self._send(request, str(begun.number), begun=begun)
        return self._confirm(request, begun)

    def _begin(self, request: HttpRequest) -> HttpResponse:
        form = PhoneForm(request.POST, country=self._country())
        if not form.is_valid():
            return self._number(form)
        return self._send(request, form.cleaned_data["phone"], form=form)

    def _send(
        self,
        request: HttpRequest,
        number: str,
        *,
        form: PhoneForm | None = None,
        begun: SmsConfirmation | None = None,
    ) -> HttpResponse:
        sent = enrolment.begin_sms(request, number)
        if not isinstance(sent, SendRefused):
            return SeeOther(reverse("twofa:sms"))
        problem = box_for_send(sent)
        if begun is not None:
            return self._code(begun, problem=problem)
        return self._number(form or self._form(None), problem=problem)

    def _confirm(self, request: HttpRequest, begun: SmsConfirmation) -> HttpResponse:
        result = enrolment.confirm(request, KIND, typed(request.POST))
        if isinstance(result, Refused):
            return self._code(begun, refused=result)
        return enabled.after(self, result)

    def _form(self, begun: SmsConfirmation | None) -> PhoneForm:
        number = begun.number if begun else self._suggested_number()
        country = country_of(str(number)) if number else ""
        written = phone_words(str(number)).international if number else ""
        return PhoneForm(initial={"phone": written}, country=country or self._country())

    def _country(self) -> str:
        client = getattr(self.user, "client", None)
        return client.country if client else ""

    def _suggested_number(self) -> object:
        """The profile's, for the first set-up only: the number that is on is shown masked."""
        if KIND in factors.enabled(self.user):
            return ""
        client = getattr(self.user, "client", None)
        return client.phone if client else ""

    def _number(self, form: PhoneForm, *, problem: Problem | None = None) -> HttpResponse:
        if problem:
            problem = replace(problem, reference=support_reference.of(self.request, self.user))
        overview = factors.overview(self.user)
        facts = overview.factors[KIND]
        return self.page(
            "twofa/sms.html",
            form=under(problem, form),
            problem=problem,
            factor=facts.enabled,
            facts=facts_of(facts),
            allowed=facts.method_on,
            only=overview.enabled == {KIND},
            required=factors.is_required(self.user),
            has_authenticator=FactorKind.AUTHENTICATOR in overview.enabled,
        )

    def _code(
        self,
        begun: SmsConfirmation,
        *,
        refused: Refused | None = None,
        problem: Problem | None = None,
    ) -> HttpResponse:
        challenge = challenges.current(
            self.user, factor=KIND, purpose=Purpose.ENROL, binding=bindings.of(self.request)
        )
        line = sms_line(challenge)
        if refused:
            problem = box_for(refused, KIND)
        return self.page(
            "twofa/sms_enrol.html",
            ask=Ask(
                form=under(problem, code_form(KIND, line=line, refused=refused)),
                submit=_("Turn it on"),
                sms=None if refused and problem else line,
                reference=support_reference.of(self.request, self.user, challenge),
            ),
            problem=problem,
            number=phone_words(str(begun.number)),
        )
