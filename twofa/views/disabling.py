"""Disabling one's own factor, from either factor's page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from twofa import factors
from twofa.vocabulary import FactorKind


def disable(request: HttpRequest, kind: FactorKind) -> HttpResponse:
    """May raise `step_up.NotFresh`."""
    try:
        factors.disable(request, kind)
    except factors.LastFactorRequired:
        messages.error(
            request,
            _("It is your only second factor, and your account needs one. Replace it instead."),
        )
        return redirect("twofa:security")
    messages.success(
        request, _("%(factor)s is off. We sent you an e-mail about it.") % {"factor": kind.label}
    )
    return redirect("twofa:security")
