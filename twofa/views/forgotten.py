"""A forgotten password, or the first one: asking for a link, following it, choosing a password."""

from uuid import UUID

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from clients import password_links
from clients.link_keys import RESET_MINUTES
from clients.models import PasswordLink, User
from twofa import known_browsers, password_choosing, password_resets
from twofa.forms.passwords import ForgottenForm, NewPasswordForm
from twofa.views.asking import under
from twofa.views.pages import SeeOther, auth_page, on_dispatch
from twofa.views.refusals import Problem

_KEY = "password_link"


@on_dispatch
class ForgotPage(View):
    """Looks nobody up: what it answers, and how long it takes, tells nothing about an address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ForgottenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ForgottenForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        email = form.cleaned_data["email"]
        if not password_resets.ask(email, known=known_browsers.is_known(request, email)):
            return self._page(request, form, problem=_too_many(), status=429)
        return SeeOther(reverse("twofa:forgot-password-sent"))

    def _page(
        self,
        request: HttpRequest,
        form: ForgottenForm,
        *,
        problem: Problem | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {"form": under(problem, form), "problem": problem}
        return render(request, "twofa/password_forgot.html", context, status=status)


@require_safe
@auth_page
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "twofa/password_forgot_sent.html", {"minutes": RESET_MINUTES()})


@require_safe
@auth_page
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the e-mail: the token goes from the address into the session; nothing is changed.

    Whatever it was, the answer is the same.
    """
    link = password_links.find(token)
    if link is not None:
        request.session[_KEY] = str(link.pk)
    elif _KEY in request.session:
        del request.session[_KEY]
    answer = redirect("twofa:choose-password")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@on_dispatch
class ChoosePage(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        link = _linked(request)
        return _page(request, link, NewPasswordForm(user=link.user)) if link else _over(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        link = _linked(request)
        # The account that was read is the one whose password is set.
        if link is None or request.POST.get("link") != str(link.pk):
            return _over(request)
        form = NewPasswordForm(request.POST, user=link.user)
        if not form.is_valid():
            return _page(request, link, form)
        user = password_choosing.choose(link.pk, form.cleaned_data["new_password"])
        if user is None:
            return _over(request)
        return _done(request, user)


def _done(request: HttpRequest, user: User) -> HttpResponse:
    """Nobody is signed in by it. Who was, as another, stays so."""
    del request.session[_KEY]
    if request.user == user:
        auth.logout(request)  # his sessions have ended, this one too
    if request.user.is_authenticated:
        words = _("The new password of %(email)s is set. You are still signed in as %(other)s.")
        messages.success(request, words % {"email": user.email, "other": request.user})
        return SeeOther(reverse("twofa:security"))
    messages.success(request, _("Your new password is set. Sign in with it now."))
    return SeeOther(reverse("twofa:sign-in"))


def _linked(request: HttpRequest) -> PasswordLink | None:
    kept = request.session.get(_KEY)
    return password_links.find_open(UUID(kept)) if kept else None


def _page(request: HttpRequest, link: PasswordLink, form: NewPasswordForm) -> HttpResponse:
    other = request.user if request.user.is_authenticated and request.user != link.user else None
    context = {"form": form, "link": link, "email": link.user.email, "signed_in_as": other}
    return render(request, "twofa/password_choose.html", context)


def _over(request: HttpRequest) -> HttpResponse:
    """The same for a link that was used, is too old or never was."""
    return render(request, "twofa/password_link_over.html", status=410)


def _too_many() -> Problem:
    return Problem(
        _("Too many requests from your network"),
        _("Wait an hour, then ask again. Look into your mailbox: an earlier link may be there."),
    )
