"""Provider settings of a gateway: what its answers mean."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http import errors, success
from smsproviders.backends.generic_http.addresses import LONGEST, clean_url
from smsproviders.backends.generic_http.form_fields import Lines, Path, UsualText, text_area
from smsproviders.backends.generic_http.placeholders import Placeholder, refuse_unknown
from smsproviders.contract import SettingsForm


class AnswerForm(SettingsForm):
    success_statuses = UsualText(
        label=_("HTTP statuses of success"),
        required=False,
        max_length=100,
        initial="2xx",
        help_text=_("2xx, or single ones as 200, 202."),
    )
    success_when = forms.CharField(
        label=_("And only when"),
        required=False,
        max_length=300,
        help_text=_(
            "For gateways that answer 200 to everything: where in the answer, and what stands "
            "there, as status = ok or messages[0].status = 0 | 1."
        ),
    )
    id_path = Path(
        label=_("Path of the message's id"),
        required=False,
        help_text=_(
            "Where the answer holds it, as messages[0].id. Empty: the gateway knows messages by "
            "our %ID%, or not at all."
        ),
    )
    error_path = Path(
        label=_("Path of the error code"),
        required=False,
        help_text=_("Where a refusal holds it, as error.code."),
    )
    error_map = Lines(
        label=_("What the error codes mean"),
        required=False,
        max_length=10_000,
        widget=text_area(6, "4711 = balance\nhttp-503 = next"),
        help_text=_(
            "One a line, as 4711 = balance. The classes: next, retry, not-confirmed, credentials, "
            "test-account, account, balance, sender, settings, text, number-invalid, "
            "number-unknown, landline, phone-off, blocked, spam, congested, expired, opted-out, "
            "country-closed, fraud, stop. Statuses of HTTP may stand here too, as http-503 = next."
        ),
    )
    price_path = Path(
        label=_("Path of the price"),
        required=False,
        help_text=_("Where the answer says what the message cost, if it does."),
    )
    segments_path = Path(
        label=_("Path of the number of segments"),
        required=False,
        help_text=_("Where the answer says how many SMS the text took, if it does."),
    )
    balance_url = forms.CharField(
        label=_("Balance address"),
        required=False,
        max_length=LONGEST,
        help_text=_(
            "Asked with GET, signed in as above; it also proves the credentials. %SECRET% may "
            "stand in its query."
        ),
    )
    balance_path = Path(
        label=_("Path of the balance"),
        required=False,
        help_text=_("Where that answer holds the amount, as account.balance."),
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("Of the balance and of prices, in three letters, as EUR."),
    )

    def clean_success_statuses(self) -> str:
        text: str = self.cleaned_data["success_statuses"]
        success.parse_statuses(text)
        return text

    def clean_success_when(self) -> str:
        text: str = self.cleaned_data["success_when"]
        success.parse_condition(text)
        return text

    def clean_error_map(self) -> str:
        text: str = self.cleaned_data["error_map"]
        errors.parse_map(text)
        return text

    def clean_balance_url(self) -> str:
        text: str = self.cleaned_data["balance_url"]
        if not text:
            return ""
        address, _mark, query = text.partition("?")
        refuse_unknown(address, known=frozenset())
        refuse_unknown(query, known=frozenset({Placeholder.SECRET}))
        return clean_url(text)

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency and not re.fullmatch("[A-Z]{3}", currency):
            raise ValidationError(_("Three letters, as EUR."))
        return currency

    def judge_balance(self) -> None:
        if self.cleaned_data["balance_path"] and not self.cleaned_data["balance_url"]:
            self.add_error("balance_url", _("Give the address that answers with the balance."))
