"""The password step of the one door, for clients and operators, and signing out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clients.models import User
from twofa import factors, languages, sign_in, trusted_cookie
from twofa.forms.passwords import LONGEST_EMAIL, SignInForm
from twofa.sign_in import Access, Next
from twofa.views import chosen_factor, destination, support_reference
from twofa.views.asking import under
from twofa.views.pages import SeeOther, auth_page, on_dispatch
from twofa.views.refusals import Problem


@on_dispatch
class SignIn(View):
    """Only a right password, posted here, sends the first code: no GET ever does."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = destination.asked_for(request)
        if isinstance(request.user, User) and sign_in.access(request) is not Access.NOTHING:
            return redirect(wanted or destination.start_page(request.user))
        return self._page(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        user = sign_in.check_password(
            request, email=form.cleaned_data["email"], password=form.cleaned_data["password"]
        )
        if user is None:
            return self._page(request, form, problem=_wrong_password(request, form))
        return self._go_on(request, user)

    def _go_on(self, request: HttpRequest, user: User) -> HttpResponse:
        wanted = destination.asked_for(request)
        after = sign_in.begin(request, user)
        if after is Next.CODE and (trusted := sign_in.by_trusted_browser(request)):
            answer = SeeOther(wanted or destination.start_page(user))
            trusted_cookie.put(answer, trusted.proof, until=trusted.until)
            return answer
        if after is Next.SIGNED_IN:
            return SeeOther(wanted or destination.start_page(user))
        destination.keep(request, wanted or destination.start_page(user))
        if after is Next.ENROL:
            return redirect("twofa:security")
        factor = chosen_factor.of(request, factors.offered(user))
        if factor is None:
            return redirect("twofa:other")
        chosen_factor.ask(request, factor)
        return redirect("twofa:verify")

    def _page(
        self, request: HttpRequest, form: SignInForm, *, problem: Problem | None = None
    ) -> HttpResponse:
        context = {
            "form": under(problem, form),
            "problem": problem,
            "next": destination.asked_for(request),
        }
        return render(request, "twofa/sign_in.html", context)


def _wrong_password(request: HttpRequest, form: SignInForm) -> Problem:
    return Problem(
        _("E-mail or password is not right"),
        _("Check both, capitals too. After several wrong tries sign-in pauses for 15 minutes."),
        reference=support_reference.of_email(request, form.cleaned_data["email"]),
    )


@never_cache
def too_many_passwords(
    request: HttpRequest, response: HttpResponse | None = None, credentials: object = None
) -> HttpResponse:
    """What django-axes answers with while it takes no password, the right one neither."""
    email = request.POST.get("email", "")[:LONGEST_EMAIL]
    context = {"reference": support_reference.of_email(request, email)}
    return render(request, "twofa/too_many_passwords.html", context, status=429)


@never_cache
def start(request: HttpRequest) -> HttpResponse:
    return redirect("twofa:security" if request.user.is_authenticated else "twofa:sign-in")


@require_POST
@auth_page
def sign_out(request: HttpRequest) -> HttpResponse:
    sign_in.sign_out(request)
    messages.success(request, _("You are signed out."))
    response = redirect("twofa:sign-in")
    languages.remember(response, get_language() or "")
    return response
