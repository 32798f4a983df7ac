"""Provider settings of a gateway: all of them, in the order in which an integrator meets them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http.addresses import refuse_where_it_leads
from smsproviders.backends.generic_http.form_answers import AnswerForm
from smsproviders.backends.generic_http.form_reports import ReportForm
from smsproviders.backends.generic_http.form_request import RequestForm
from smsproviders.backends.generic_http.placeholders import Placeholder
from smsproviders.contract import FieldGroup


class HttpForm(ReportForm, AnswerForm, RequestForm):
    groups = (
        FieldGroup(
            _("The request"),
            ("url", "method", "body_kind", "template", "headers"),
            _("Begin with the gateway's own example of sending one SMS, and copy it here."),
        ),
        FieldGroup(_("Signing in"), ("auth", "username", "auth_header", "secret")),
        FieldGroup(
            _("Its answer"),
            ("success_statuses", "success_when", "id_path", "error_path", "error_map"),
            _(
                "Paths name a place in JSON: dots between names, places of a list in brackets, as "
                "messages[0].id."
            ),
        ),
        FieldGroup(
            _("Balance and price"),
            ("balance_url", "balance_path", "currency", "price_path", "segments_path"),
            folded=True,
        ),
        FieldGroup(
            _("Delivery reports"),
            (
                "webhook_secret",
                "previous_webhook_secret",
                "report_proof",
                "report_header",
                "report_id_path",
                "report_status_path",
                "status_map",
                "report_error_path",
                "report_own_id_path",
                "report_list_path",
            ),
            _("The gateway posts them, as JSON or as a form, to the address beside this form."),
            folded=True,
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = {**self.cleaned_data}
        if not self.errors:
            self.judge_request(given)
            self.judge_balance()
            self.judge_reports(given, hands_over_id=Placeholder.ID in self.names_in_use)
        return given

    def ask_around(self) -> None:
        for name in ("url", "balance_url"):
            if url := self.cleaned_data.get(name):
                try:
                    refuse_where_it_leads(url)
                except ValidationError as error:
                    self.add_error(name, error)
