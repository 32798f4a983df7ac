"""The tick under new recovery codes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from twofa.forms.page_form import PageForm


class KeptForm(PageForm):
    """The client says that the codes are kept: only then it goes on.

    The browser asks for the tick by itself here, since the page with the codes cannot come again.
    """

    takes_focus = False  # the codes above are read first

    kept = forms.BooleanField(
        label=_("I have kept these codes in a safe place"),
        template_name="twofa/_tick.html",
        widget=forms.CheckboxInput(attrs={"required": True}),
        error_messages={"required": _("Keep the codes first, then tick the box.")},
    )
