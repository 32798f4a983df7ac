"""At the door, with the help of an operator: two codes in a row, and a code from support."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from twofa import resynchronising, sign_in
from twofa.forms.codes import typed
from twofa.results import Refused
from twofa.views import chosen_factor, support_reference, two_codes
from twofa.views.asking import Ask, code_form, under
from twofa.views.pages import SeeOther
from twofa.views.refusals import box_for
from twofa.views.second_step import SecondStep
from twofa.vocabulary import FactorKind


class Resynchronise(SecondStep):
    """Two codes of the app sign in, and tell its clock. Only while an operator allows it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if resynchronising.allowed(self.half.user, at=timezone.now()) is None:
            return redirect("twofa:verify")
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        result = sign_in.resynchronise(
            request,
            first=two_codes.typed(request, "first"),
            second=two_codes.typed(request, "second"),
        )
        if isinstance(result, Refused):
            return self._page(refused=result)
        two_codes.tell_clock(request, result)
        return self.signed_in(result)

    def _page(self, *, refused: Refused | None = None) -> HttpResponse:
        problem = two_codes.problem_for(refused)
        challenge = self.challenge(FactorKind.AUTHENTICATOR)
        context = {
            "form": under(problem, two_codes.form_for(self.request, refused)),
            "problem": problem,
            "reference": support_reference.of(self.request, self.half.user, challenge)
            if refused
            else "",
        }
        return self.render("twofa/resynchronise.html", **context)


class SupportCode(SecondStep):
    """A code that an operator gave out on the phone, for a client without it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        kind = FactorKind.TEMPORARY
        answer = sign_in.verify(request, factor=kind, code=typed(request.POST))
        if isinstance(answer, Refused):
            return self._page(refused=answer)
        # Where the sign-in was to lead is kept until the new factor is enabled.
        chosen_factor.forget(request)
        messages.warning(
            request,
            _(
                "You signed in with a code from support. Set up your second factor anew now: for "
                "15 minutes nothing else is asked for."
            ),
        )
        return SeeOther(reverse("twofa:security"))

    def _page(self, *, refused: Refused | None = None) -> HttpResponse:
        problem = box_for(refused, FactorKind.TEMPORARY) if refused else None
        form = under(problem, code_form(FactorKind.TEMPORARY, refused=refused))
        reference = support_reference.of(self.request, self.half.user) if refused else ""
        context = {
            "ask": Ask(form=form, submit=_("Continue"), reference=reference),
            "problem": problem,
        }
        return self.render("twofa/support_code.html", **context)
