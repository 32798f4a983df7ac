"""The fields for a code and a recovery code: one plain text field, whatever is pasted into it.

No `maxlength`, which would cut off a pasted "123 456", and no digit boxes. What was typed never
comes back in the page.
"""

from typing import Any

from django import forms
from django.http import QueryDict

from backoffice.policy.registry import Words
from twofa.forms.page_form import PageForm


class Typed(forms.PasswordInput):
    """A text field that forgets its value."""

    input_type = "text"


def typed(fields: QueryDict) -> str:
    """What was typed. A code that comes twice is none: the domain refuses the joined text."""
    return " or ".join(fields.getlist("code"))


class CodeForm(PageForm):
    """What was typed goes on as it is: the domain takes spaces, dashes and other digits, and says
    what is wrong with the rest."""

    code = forms.CharField(
        required=False,
        strip=False,
        widget=Typed(
            attrs={
                "class": "code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, *args: Any, label: Words, hint: Words = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = label
        self.fields["code"].help_text = str(hint)


class RecoveryCodeForm(CodeForm):
    code = forms.CharField(
        required=False,
        strip=False,
        widget=Typed(
            attrs={
                "class": "code long",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
