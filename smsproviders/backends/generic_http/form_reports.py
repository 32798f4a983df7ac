"""Provider settings of a gateway: its delivery reports."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http import headers, statuses
from smsproviders.backends.generic_http.form_fields import (
    Path,
    UsualChoice,
    UsualLines,
    UsualPath,
    UsualText,
    text_area,
)
from smsproviders.backends.generic_http.recipe import Proof
from smsproviders.contract import SettingsForm

SHORTEST_SECRET = 16


class ReportForm(SettingsForm):
    webhook_secret = forms.CharField(
        label=_("Secret of reports"),
        required=False,
        max_length=500,
        help_text=_(
            "What the gateway proves its reports with, 16 characters or more. Empty: reports are "
            "refused, and a message stays at “taken by the provider”."
        ),
    )
    previous_webhook_secret = forms.CharField(
        label=_("Previous secret of reports"),
        required=False,
        max_length=500,
        help_text=_("While you change it: the old one, taken as well until you remove it."),
    )
    report_proof = UsualChoice(
        label=_("Reports are proved by"),
        required=False,
        choices=[
            (Proof.HMAC.value, _("Signature (HMAC-SHA256)")),
            (Proof.TOKEN.value, _("Token (the secret itself)")),
        ],
        initial=Proof.HMAC.value,
        help_text=_(
            "A signature is over the body, in hexadecimal. Prefer it: a token shows the secret "
            "with every report."
        ),
    )
    report_header = UsualText(
        label=_("Header of the proof"),
        required=False,
        max_length=100,
        initial="X-Signature",
        help_text=_("As X-Signature; for a Bearer token write Authorization."),
    )
    report_list_path = Path(
        label=_("Path of the list of reports"),
        required=False,
        help_text=_(
            "Only where one request brings several, as results. The paths below then begin within "
            "one of them."
        ),
    )
    report_id_path = UsualPath(
        label=_("Path of the message's id in a report"),
        required=False,
        initial="id",
        help_text=_("A path in JSON, or the name of a form field."),
    )
    report_own_id_path = Path(
        label=_("Path of our id in a report"),
        required=False,
        help_text=_(
            "Where the gateway repeats %ID%, beside its own id: a report then counts although the "
            "answer to the message got lost."
        ),
    )
    report_status_path = UsualPath(
        label=_("Path of the status"),
        required=False,
        initial="status",
        help_text=_("Where the report says how far the message got."),
    )
    report_error_path = Path(
        label=_("Path of the error code in a report"),
        required=False,
        help_text=_("Its codes mean what the map of error codes says."),
    )
    status_map = UsualLines(
        label=_("What the statuses mean"),
        required=False,
        max_length=5000,
        initial=statuses.USUAL,
        widget=text_area(6),
        help_text=_(
            "One a line, as DELIVRD = delivered. The states: accepted, sent, delivered, "
            "undelivered, failed. A word that is not here is kept and changes nothing."
        ),
    )

    def clean_webhook_secret(self) -> str:
        return _long_enough(self.cleaned_data["webhook_secret"])

    def clean_previous_webhook_secret(self) -> str:
        return _long_enough(self.cleaned_data["previous_webhook_secret"])

    def clean_report_header(self) -> str:
        return headers.clean_name(self.cleaned_data["report_header"])

    def clean_status_map(self) -> str:
        text: str = self.cleaned_data["status_map"]
        statuses.parse_map(text)
        return text

    def judge_reports(self, given: dict[str, Any], *, hands_over_id: bool) -> None:
        if given["previous_webhook_secret"] and not given["webhook_secret"]:
            self.add_error(
                "webhook_secret", _("Give the new secret; the previous one alone is no rotation.")
            )
        if given["webhook_secret"] and not (given["id_path"] or hands_over_id):
            self.add_error(
                "id_path",
                _(
                    "Reports could be of no message: say where the answer holds the id, or hand "
                    "the gateway our own by %ID% in the template."
                ),
            )


def _long_enough(secret: str) -> str:
    if secret and len(secret) < SHORTEST_SECRET:
        raise ValidationError(_("Too short to be a secret: 16 characters or more, at random."))
    if not (secret.isascii() and secret.isprintable()):
        raise ValidationError(_("A secret of reports holds letters, digits and signs of ASCII."))
    return secret
