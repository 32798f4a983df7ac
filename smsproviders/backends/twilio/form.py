"""Provider settings of a Twilio account."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from smsproviders.contract import SettingsForm

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ACCOUNT_SID = r"AC[0-9a-f]{32}"
API_KEY_SID = r"SK[0-9a-f]{32}"
SERVICE_SID = r"MG[0-9a-f]{32}"
# E.164, a short code, or a sender name: up to 11 letters, digits and spaces with a letter in it.
SENDER = r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}"


def _shape(pattern: str, words: "_StrPromise") -> RegexValidator:
    return RegexValidator(rf"^(?:{pattern})\Z", words)


class TwilioForm(SettingsForm):
    account_sid = forms.CharField(
        label=_("Account SID"),
        help_text=_("Twilio Console, start page, “Account Info”. Begins with AC."),
        validators=[
            _shape(ACCOUNT_SID, _("An Account SID is AC and 32 characters of 0-9 and a-f."))
        ],
    )
    auth_token = forms.CharField(
        label=_("Auth token"),
        required=False,
        max_length=100,
        help_text=_(
            "Twilio Console, start page, below the Account SID. Leave empty with an API key."
        ),
    )
    api_key_sid = forms.CharField(
        label=_("API key SID"),
        required=False,
        help_text=_("Twilio Console, Account, “API keys & tokens”. Begins with SK."),
        validators=[
            _shape(API_KEY_SID, _("An API key SID is SK and 32 characters of 0-9 and a-f."))
        ],
    )
    api_key_secret = forms.CharField(
        label=_("API key secret"),
        required=False,
        max_length=100,
        help_text=_("Twilio shows it once, when the key is made."),
    )
    webhook_secret = forms.CharField(
        label=_("Webhook secret"),
        required=False,
        max_length=210,
        help_text=_(
            "What Twilio signs delivery reports with: the account's auth token, which is taken "
            "when this is empty. While you change the token, write both with a comma between. An "
            "API key signs nothing: without a token here states are asked for instead."
        ),
    )
    from_number = forms.CharField(
        label=_("From number"),
        required=False,
        help_text=_(
            "A number of this account as +447700900123, a short code, or a sender name of at most "
            "11 characters. Twilio Console, Phone Numbers, “Active numbers”."
        ),
        validators=[
            _shape(SENDER, _("A sender is a number with + and country code, or a short name."))
        ],
    )
    messaging_service_sid = forms.CharField(
        label=_("Messaging Service SID"),
        required=False,
        help_text=_("Instead of a number. Twilio Console, Messaging, “Services”. Begins with MG."),
        validators=[
            _shape(SERVICE_SID, _("A Messaging Service SID is MG and 32 characters of 0-9, a-f."))
        ],
    )
    discard_content = forms.BooleanField(
        label=_("Twilio forgets the text (Message Privacy)"),
        required=False,
        help_text=_(
            "Only for accounts with Message Privacy; others refuse every message (error 30029). "
            "Prove it by a test SMS."
        ),
    )
    obfuscate_number = forms.BooleanField(
        label=_("Twilio hides the client's number (Message Privacy)"),
        required=False,
        help_text=_(
            "As above (error 30030). It also breaks looking messages up by number, and STOP."
        ),
    )

    def clean_webhook_secret(self) -> str:
        secrets = [one.strip() for one in self.cleaned_data["webhook_secret"].split(",")]
        if len(secrets) > 2:
            raise ValidationError(_("At most two secrets: the old one and the new one."))
        return ",".join(secret for secret in secrets if secret)

    def clean(self) -> dict[str, Any]:
        given = {**self.cleaned_data}
        if not self.errors:
            self._require_one_way_to_sign_in(given)
            self._require_one_sender(given)
        return given

    def _require_one_way_to_sign_in(self, given: dict[str, Any]) -> None:
        if given["api_key_sid"] and not given["api_key_secret"]:
            self.add_error("api_key_secret", _("The API key needs its secret."))
        elif given["api_key_secret"] and not given["api_key_sid"]:
            self.add_error(
                "api_key_sid",
                _("The secret needs the SID of its API key; without one, clear the secret."),
            )
        elif not given["auth_token"] and not given["api_key_sid"]:
            self.add_error("auth_token", _("Give the auth token, or an API key with its secret."))

    def _require_one_sender(self, given: dict[str, Any]) -> None:
        if given["from_number"] and given["messaging_service_sid"]:
            self.add_error(
                "messaging_service_sid", _("Either a number or a Messaging Service, not both.")
            )
        elif not (given["from_number"] or given["messaging_service_sid"] or self.default_sender):
            self.add_error("from_number", _("Give a number, or a Messaging Service."))
