"""Profile > Security > Recovery codes: how many are left, and ten new ones."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import factors, recovery
from twofa.forms.recovery_codes import KeptForm
from twofa.views import enabled
from twofa.views.facts import facts_of
from twofa.views.security_page import ChangePage
from twofa.vocabulary import FactorKind


class RecoveryCodesPage(ChangePage):
    acts = {"make": gettext_lazy("You are about to make new recovery codes. The old ones go.")}

    def get(self, request: HttpRequest) -> HttpResponse:
        overview = factors.overview(self.user)
        return self.page(
            "twofa/recovery_codes.html",
            facts=facts_of(overview.factors[FactorKind.RECOVERY]),
            available=bool(overview.enabled),
        )

    def change(self, request: HttpRequest) -> HttpResponse:
        if "make" in request.POST:
            if not factors.enabled(self.user):
                return redirect("twofa:recovery-codes")
            return enabled.show_codes(self, recovery.make(request))
        if KeptForm(request.POST).is_valid():
            return enabled.go_on(self)
        messages.warning(
            request,
            _("The codes are not shown again. If you did not keep them, make new ones."),
        )
        return redirect("twofa:recovery-codes")
