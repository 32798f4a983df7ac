"""Provider settings of a Vonage account."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.vonage.signatures import Algorithm
from smsproviders.contract import SettingsForm

# A number as +447700900123, a short code, or a name: Vonage drops its spaces.
SENDER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


class VonageForm(SettingsForm):
    api_key = forms.CharField(
        label=_("API key"),
        help_text=_("Vonage Dashboard, Settings, “API Settings”: eight characters."),
        validators=[
            RegexValidator(r"^[0-9A-Za-z]{8}\Z", _("An API key is eight letters and digits."))
        ],
    )
    api_secret = forms.CharField(
        label=_("API secret"),
        max_length=100,
        help_text=_("Vonage Dashboard, Settings, “API Settings”, below the API key."),
    )
    signature_secret = forms.CharField(
        label=_("Signature secret"),
        required=False,
        max_length=210,
        help_text=_(
            "What Vonage signs delivery receipts with. Ask Vonage support to sign them, and choose "
            "POST-JSON or POST as webhook format under “API Settings”. Without this secret no "
            "receipt can be proved: whether a message arrived stays unknown, because Vonage cannot "
            "be asked either. While you change it, write both with a comma between."
        ),
    )
    signature_method = forms.ChoiceField(
        label=_("Signature method"),
        choices=Algorithm.choices,
        initial=Algorithm.SHA256,
        required=False,
        help_text=_(
            "The same as under “API Settings” at Vonage. Its own default, MD5 hash, is too weak to "
            "prove a receipt: choose SHA-256 HMAC there."
        ),
    )

    def clean_signature_secret(self) -> str:
        secrets = [one.strip() for one in self.cleaned_data["signature_secret"].split(",")]
        if len(secrets) > 2:
            raise ValidationError(_("At most two secrets: the old one and the new one."))
        return ",".join(secret for secret in secrets if secret)

    def clean_signature_method(self) -> str:
        return self.cleaned_data["signature_method"] or Algorithm.SHA256.value

    def clean(self) -> dict[str, Any]:
        """Vonage chooses no sender by itself: that of the provider must be there."""
        if not SENDER.fullmatch(self.default_sender):
            raise ValidationError(
                _(
                    "Vonage needs a sender: a number as +447700900123, a short code, or a name of "
                    "at most 11 letters and digits."
                )
            )
        return self.cleaned_data
