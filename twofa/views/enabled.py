"""After a factor came into force: the recovery codes, when it is the first, and where to go on."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from twofa.forms.recovery_codes import KeptForm
from twofa.results import Enabled
from twofa.views import destination
from twofa.views.pages import SeeOther
from twofa.vocabulary import FactorKind

if TYPE_CHECKING:
    from twofa.views.security_page import SecurityPage


def after(page: "SecurityPage", enabled: Enabled) -> HttpResponse:
    messages.success(page.request, _words(enabled) % {"factor": enabled.kind.label})
    if enabled.recovery_codes:
        return show_codes(page, enabled.recovery_codes)
    return go_on(page)


def _words(enabled: Enabled) -> str:
    if not enabled.replaced:
        return _("%(factor)s is on. We sent you an e-mail about it.")
    if enabled.kind is FactorKind.AUTHENTICATOR:
        return _(
            "The new app is on, and codes of the old one are not taken any more: delete its entry "
            "there. We sent you an e-mail about it."
        )
    return _(
        "The new number is on, and the old one gets no codes any more. We sent you an "
        "e-mail about it."
    )


def show_codes(page: "SecurityPage", codes: tuple[str, ...]) -> HttpResponse:
    """The only time that they are shown: in the answer to the form, kept nowhere."""
    return page.page(
        "twofa/recovery_codes_new.html", codes=codes, form=KeptForm(), made_on=timezone.now()
    )


def go_on(page: "SecurityPage") -> HttpResponse:
    """To what the sign-in was for, when the factor had to be enabled first; else to Security."""
    if destination.is_kept(page.request):
        return SeeOther(destination.take(page.request, page.user))
    return SeeOther(reverse("twofa:security"))
