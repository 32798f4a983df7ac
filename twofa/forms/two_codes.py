"""Two codes in a row, of an authenticator whose clock is to be learnt."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from twofa.forms.codes import Typed
from twofa.forms.page_form import PageForm


def _field(label: Any, hint: Any) -> forms.CharField:
    attributes = {
        "class": "code",
        "inputmode": "numeric",
        "autocomplete": "off",
        "autocapitalize": "off",
        "spellcheck": "false",
    }
    return forms.CharField(
        label=label, help_text=hint, required=False, strip=False, widget=Typed(attrs=attributes)
    )


class TwoCodesForm(PageForm):
    # Not "code": on the page of the authenticator that is the one of a new app.
    first = _field(_("The code that the app shows now"), _("Six digits. Do not send it yet."))
    second = _field(_("The next code of the app"), _("It comes within half a minute."))
