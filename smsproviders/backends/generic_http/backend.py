"""Any gateway that takes a message by one HTTP request, told by its settings how."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.bounded_http import BoundedHttp, NoAnswer, NotAllowed, NotSent
from smsproviders.backends.generic_http import answers, errors, recipe, reports
from smsproviders.backends.generic_http.addresses import gate
from smsproviders.backends.generic_http.checks import HttpChecks
from smsproviders.backends.generic_http.form import HttpForm
from smsproviders.backends.generic_http.outgoing import request_of
from smsproviders.backends.generic_http.retyping import secrets_to_retype
from smsproviders.contract import (
    Check,
    Deadline,
    OutgoingSms,
    Report,
    ReportRefused,
    SendResult,
    SmsBackend,
)
from smsproviders.vocabulary import Words


class HttpBackend(SmsBackend):
    key = "http"
    name = _("HTTP gateway")
    settings_form = HttpForm
    secrets = frozenset({"secret", "webhook_secret", "previous_webhook_secret"})
    # Each gateway would be asked in another way.
    ask_after = None
    error_table = errors.ERRORS

    def __init__(self, credentials: Mapping[str, Any], *, provider_id: UUID) -> None:
        super().__init__(credentials, provider_id=provider_id)
        self._sending = recipe.sending(credentials)
        self._answers = recipe.answers(credentials)
        self._reports = recipe.reports(credentials)
        self._http = BoundedHttp(gate=gate)
        self._checks = HttpChecks(self._http, self._sending, recipe.balance(credentials))

    @classmethod
    def words_for(cls, error_code: str) -> Words:
        return errors.words_for(error_code, by_code={})

    def explain(self, error_code: str) -> Words:
        return errors.words_for(error_code, by_code=self._answers.errors)

    @classmethod
    def secrets_to_retype(
        cls, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> frozenset[str]:
        return secrets_to_retype(before, after)

    @property
    def calls_back(self) -> bool:
        """Not without a secret for reports: nothing would prove them."""
        return bool(self._reports.secrets)

    def send(self, sms: OutgoingSms, *, deadline: Deadline) -> SendResult:
        request = request_of(sms, self._sending)
        try:
            answer = self._http.request(
                request.method, request.url, deadline=deadline, **request.parts
            )
        except NotAllowed:
            return answers.without_answer(errors.NOT_ALLOWED)
        except NotSent as error:
            return answers.without_answer(errors.UNREACHABLE, reason=str(error))
        except NoAnswer as error:
            return answers.without_answer(errors.NO_ANSWER, reason=str(error))
        return answers.result_of(answer, self._answers, sms=sms, secret=self._sending.secret)

    def checks(self) -> list[Callable[[], Check]]:
        unproved = [] if self.calls_back else [self._checks.unproved_reports]
        return [self.check_credentials, *unproved, self.check_balance, self.check_sender]

    def check_credentials(self) -> Check:
        return self._checks.credentials()

    def check_balance(self) -> Check:
        return self._checks.balance()

    def check_sender(self) -> Check:
        return self._checks.sender()

    def authenticate_report(self, request: HttpRequest) -> None:
        if not self._reports.secrets:
            raise ReportRefused
        reports.authenticate(request, self._reports)

    def parse_report(self, request: HttpRequest) -> list[Report]:
        return reports.parse(request, self._reports, by_code=self._answers.errors)

    def close(self) -> None:
        self._http.close()
