"""Profile > Security > Password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import password_change, step_up
from twofa.forms.passwords import ChangePasswordForm
from twofa.views import support_reference
from twofa.views.pages import SeeOther
from twofa.views.security_page import ChangePage


class PasswordPage(ChangePage):
    """First the second factor, then the form: no password waits in a page or in the session."""

    section = "password"
    acts = {"begin": gettext_lazy("You are about to change your password.")}

    def get(self, request: HttpRequest) -> HttpResponse:
        if self._must_confirm(request):
            return self.page("twofa/password_begin.html")
        return self._form(ChangePasswordForm(user=self.user))

    def change(self, request: HttpRequest) -> HttpResponse:
        if "begin" in request.POST:
            if self._must_confirm(request):
                raise step_up.NotFresh
            return redirect("twofa:password")
        if self._must_confirm(request):
            messages.warning(
                request,
                _("That took longer than five minutes. Please confirm once more that it is you."),
            )
            return redirect("twofa:password")
        return self._change(request)

    def _change(self, request: HttpRequest) -> HttpResponse:
        form = ChangePasswordForm(request.POST, user=self.user)
        if not form.is_valid():
            return self._form(form)
        changed = password_change.change(
            request,
            present=form.cleaned_data["password"],
            new=form.cleaned_data["new_password"],
        )
        if not changed:
            form.add_error("password", _("This is not your present password."))
            return self._form(form, reference=support_reference.of(request, self.user))
        messages.success(request, _("Your password is changed. Every other session has ended."))
        return SeeOther(reverse("twofa:security"))

    def _must_confirm(self, request: HttpRequest) -> bool:
        return not step_up.by_password(request) and not step_up.is_fresh(request)

    def _form(self, form: ChangePasswordForm, *, reference: str = "") -> HttpResponse:
        fresh_until = step_up.fresh_until(self.request)
        return self.page(
            "twofa/password.html", form=form, reference=reference, fresh_until=fresh_until
        )
