"""Twilio, through its own SDK: https://www.twilio.com/docs/messaging/api/message-resource"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest

from smsproviders.backends.api_address import AddressRefused
from smsproviders.backends.bounded_http import NoAnswer, NotSent
from smsproviders.backends.twilio import answers, errors, outgoing, reports
from smsproviders.backends.twilio.answers import Refused
from smsproviders.backends.twilio.checks import TwilioChecks
from smsproviders.backends.twilio.form import TwilioForm
from smsproviders.contract import Check, Deadline, OutgoingSms, Report, SendResult, SmsBackend
from smsproviders.vocabulary import Words

if TYPE_CHECKING:
    from twilio.rest import Client

    from smsproviders.backends.twilio.api import Api

T = TypeVar("T")

logger = logging.getLogger(__name__)

# How far Twilio's clock, which counts in seconds, may be behind ours in a search.
CLOCK_SLACK = timedelta(seconds=5)
SEARCHED_MESSAGES = 20


class TwilioBackend(SmsBackend):
    key = "twilio"
    name = "Twilio"
    settings_form = TwilioForm
    secrets = frozenset({"auth_token", "api_key_secret", "webhook_secret"})
    error_table = errors.ERRORS

    def __init__(self, credentials: Mapping[str, Any], *, provider_id: UUID) -> None:
        super().__init__(credentials, provider_id=provider_id)
        self._lock = threading.Lock()
        self._made: Api | None = None

    @classmethod
    def words_for(cls, error_code: str) -> Words:
        return errors.of_report(error_code).words

    @classmethod
    def page_of(cls, error_code: str) -> str:
        return errors.page_of(error_code)

    @property
    def calls_back(self) -> bool:
        """Not with an API key alone: that signs nothing, so a report could not be proved."""
        return bool(outgoing.webhook_secrets(self.credentials))

    @property
    def default_sender(self) -> str:
        """A Messaging Service chooses among its numbers, so that it names none."""
        service = self.credentials.get("messaging_service_sid")
        return "" if service else str(self.credentials.get("from_number") or "")

    def prepare(self) -> None:
        self._api()

    def send(self, sms: OutgoingSms, *, deadline: Deadline) -> SendResult:
        parameters = outgoing.parameters(sms, self.credentials)
        try:
            message = self._api().call(
                lambda client: client.messages.create(**parameters), deadline=deadline
            )
        except AddressRefused:
            return answers.without_answer(errors.ADDRESS_REFUSED)
        except NotSent as error:
            return answers.without_answer(errors.UNREACHABLE, reason=str(error))
        except NoAnswer as error:
            return answers.without_answer(errors.NO_ANSWER, reason=str(error))
        except Refused as refusal:
            return answers.of_refusal(refusal, sms=sms, credentials=self.credentials)
        return answers.of_success(message)

    def lookup(self, provider_message_id: str, *, deadline: Deadline) -> Report | None:
        message = self._answer_or_none(
            lambda client: client.messages(provider_message_id).fetch(), deadline=deadline
        )
        return reports.of_message(message) if message is not None else None

    def find(self, sms_to: str, *, since: datetime, body: str, deadline: Deadline) -> Report | None:
        """Twilio cannot search by text: the newest few to that number are compared here."""
        found = self._answer_or_none(
            lambda client: client.messages.list(
                to=sms_to, limit=SEARCHED_MESSAGES, page_size=SEARCHED_MESSAGES
            ),
            deadline=deadline,
        )
        for message in found or []:
            created = message.date_created
            # A trial account puts a sentence of its own before the text.
            if created and created >= since - CLOCK_SLACK and (message.body or "").endswith(body):
                return reports.of_message(message)
        return None

    def confirm(self, provider_message_id: str, *, deadline: Deadline) -> None:
        self._answer_or_none(
            lambda client: client.messages(provider_message_id).feedback.create(
                outcome="confirmed"
            ),
            deadline=deadline,
        )

    def checks(self) -> list[Callable[[], Check]]:
        return [self.check_credentials, self.check_account, self.check_balance, self.check_sender]

    def check_credentials(self) -> Check:
        return self._checks().credentials()

    def check_account(self) -> Check:
        return self._checks().account()

    def check_balance(self) -> Check:
        return self._checks().balance()

    def check_sender(self) -> Check:
        return self._checks().sender()

    def authenticate_report(self, request: HttpRequest) -> None:
        reports.authenticate(
            request,
            secrets=outgoing.webhook_secrets(self.credentials),
            account_sid=self.credentials["account_sid"],
        )

    def parse_report(self, request: HttpRequest) -> list[Report]:
        return [reports.parse(request)]

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None

    def _checks(self) -> TwilioChecks:
        return TwilioChecks(self._api(), self.credentials)

    def _answer_or_none(self, ask: "Callable[[Client], T]", *, deadline: Deadline) -> T | None:
        try:
            return self._api().call(ask, deadline=deadline)
        except (AddressRefused, NotSent, NoAnswer) as error:
            logger.warning("twilio gave no answer", extra={"reason": str(error)})
        except Refused as refusal:
            logger.warning("twilio refused a question", extra={"code": refusal.code})
        return None

    def _api(self) -> "Api":
        """Made at the first call, since the SDK is slow to import."""
        with self._lock:
            if self._made is None:
                from smsproviders.backends.twilio.api import Api

                account_sid = self.credentials["account_sid"]
                key = self.credentials.get("api_key_sid")
                secret = self.credentials["api_key_secret" if key else "auth_token"]
                self._made = Api(account_sid, username=key or account_sid, password=secret)
            return self._made
