"""Vonage (once Nexmo), by its SMS API: https://developer.vonage.com/en/messaging/sms/overview"""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from smsproviders.backends.api_address import AddressRefused
from smsproviders.backends.bounded_http import NoAnswer, NotSent
from smsproviders.backends.vonage import answers, errors, outgoing, reports, signatures
from smsproviders.backends.vonage.api import Api
from smsproviders.backends.vonage.checks import VonageChecks
from smsproviders.backends.vonage.form import VonageForm
from smsproviders.backends.vonage.send_statuses import ADDRESS_REFUSED, NO_ANSWER, UNREACHABLE
from smsproviders.backends.vonage.signatures import Algorithm
from smsproviders.contract import Check, Deadline, OutgoingSms, Report, SendResult, SmsBackend
from smsproviders.vocabulary import Words

logger = logging.getLogger(__name__)


class VonageBackend(SmsBackend):
    """It cannot be asked about one message: what is not reported stays unknown."""

    key = "vonage"
    name = "Vonage"
    settings_form = VonageForm
    secrets = frozenset({"api_secret", "signature_secret"})
    error_table = errors.ERRORS
    # For each API key: https://api.support.vonage.com/hc/en-us/articles/203993598
    default_rate = 30.0
    ask_after = None

    def __init__(self, credentials: Mapping[str, Any], *, provider_id: UUID) -> None:
        super().__init__(credentials, provider_id=provider_id)
        self._api = Api(credentials["api_key"], credentials["api_secret"])

    @classmethod
    def words_for(cls, error_code: str) -> Words:
        return errors.of_code(error_code).words

    @classmethod
    def page_of(cls, error_code: str) -> str:
        return errors.page_of(error_code) if error_code else ""

    @property
    def calls_back(self) -> bool:
        """Not without a secret: its receipts could not be proved."""
        return bool(self._signature_secrets)

    def send(self, sms: OutgoingSms, *, deadline: Deadline) -> SendResult:
        parameters = outgoing.parameters(sms)
        try:
            answer = self._api.send(parameters, deadline=deadline)
        except AddressRefused:
            return answers.without_answer(ADDRESS_REFUSED)
        except NotSent as error:
            return answers.without_answer(UNREACHABLE, reason=str(error))
        except NoAnswer as error:
            return answers.without_answer(NO_ANSWER, reason=str(error))
        private = [sms.body, parameters["to"], *map(str, self.credentials.values())]
        return answers.of_answer(answer, private=private)

    def confirm(self, provider_message_id: str, *, deadline: Deadline) -> None:
        """Of use only where Vonage enabled the Conversion API for the account; else harmless."""
        try:
            answer = self._api.confirm(provider_message_id, at=timezone.now(), deadline=deadline)
        except (AddressRefused, NotSent, NoAnswer) as error:
            logger.warning("vonage took no conversion", extra={"reason": type(error).__name__})
        else:
            if answer.status >= 300:
                logger.info("vonage took no conversion", extra={"http_status": answer.status})

    def checks(self) -> list[Callable[[], Check]]:
        one_round = self._checks()
        return [one_round.credentials, one_round.account, one_round.balance, one_round.sender]

    def check_credentials(self) -> Check:
        return self._checks().credentials()

    def check_balance(self) -> Check:
        return self._checks().balance()

    def check_sender(self) -> Check:
        return self._checks().sender()

    def authenticate_report(self, request: HttpRequest) -> None:
        signatures.authenticate(
            signatures.parameters(request),
            secrets=self._signature_secrets,
            algorithm=Algorithm(self.credentials.get("signature_method") or Algorithm.SHA256),
            api_key=self.credentials["api_key"],
        )

    def parse_report(self, request: HttpRequest) -> list[Report]:
        return [reports.parse(signatures.parameters(request))]

    def close(self) -> None:
        self._api.close()

    @property
    def _signature_secrets(self) -> list[str]:
        """Two while the secret changes."""
        given = self.credentials.get("signature_secret") or ""
        return [secret for secret in given.split(",") if secret]

    def _checks(self) -> VonageChecks:
        return VonageChecks(self._api, proves_receipts=self.calls_back)
