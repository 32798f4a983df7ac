"""What can be known about a Twilio account without sending anything."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.api_address import AddressRefused
from smsproviders.backends.bounded_http import NoAnswer, NotSent
from smsproviders.backends.twilio import errors
from smsproviders.backends.twilio.answers import Refused
from smsproviders.contract import CALL_SECONDS, Check, Deadline
from smsproviders.vocabulary import Cause, CheckKind, CheckResult, Words

if TYPE_CHECKING:
    from twilio.rest import Client

    from smsproviders.backends.twilio.api import Api

NOT_FOUND = "20404"
TEST_CREDENTIALS_CODE = "20008"
AUTHENTICATE = "20003"


class TwilioChecks:
    def __init__(self, api: "Api", credentials: Mapping[str, Any]) -> None:
        self._api = api
        self._credentials = credentials

    def credentials(self) -> Check:
        kind = CheckKind.CREDENTIALS
        # A standard API key may read everything but the account itself.
        question = _first_message if self._credentials.get("api_key_sid") else _account
        try:
            self._ask(question)
        except _FAILURES as failure:
            return _failed(kind, failure)
        return Check(kind, CheckResult.OK, _("Twilio accepts the credentials."))

    def account(self) -> Check:
        kind = CheckKind.ACCOUNT
        try:
            account = self._ask(_account)
        except Refused as refusal:
            if refusal.code == AUTHENTICATE and self._credentials.get("api_key_sid"):
                words = _("A standard API key may not read the account's state.")
                return Check(kind, CheckResult.UNKNOWN, words)
            return _failed(kind, refusal)
        except _FAILURES as failure:
            return _failed(kind, failure)
        # The answer holds the auth token: nothing but these two words leaves this place.
        return _state(str(account.status), str(account.type))

    def balance(self) -> Check:
        kind = CheckKind.BALANCE
        try:
            answer = self._ask(lambda client: client.balance.fetch())
        except Refused as refusal:
            if refusal.code == NOT_FOUND:
                return Check(kind, CheckResult.UNKNOWN, _NO_BALANCE)
            return _failed(kind, refusal)
        except _FAILURES as failure:
            return _failed(kind, failure)
        amount = _amount(answer.balance)
        if amount is None:
            return Check(kind, CheckResult.UNKNOWN, _NO_BALANCE)
        return _balance(amount, str(answer.currency or "")[:3].upper())

    def sender(self) -> Check:
        service = self._credentials.get("messaging_service_sid") or ""
        number = self._credentials.get("from_number") or ""
        try:
            if service:
                self._ask(lambda client: client.messaging.v1.services(service).fetch())
                return _sender_ok(_("The Messaging Service belongs to this account."))
            if number.startswith("+"):
                return self._number(number)
        except Refused as refusal:
            if refusal.code == NOT_FOUND:
                return _sender_problem(_("This account has no such Messaging Service."))
            return _failed(CheckKind.SENDER, refusal)
        except _FAILURES as failure:
            return _failed(CheckKind.SENDER, failure)
        words = _("Twilio cannot tell about short codes and sender names: send a test SMS.")
        return Check(CheckKind.SENDER, CheckResult.UNKNOWN, words)

    def _number(self, number: str) -> Check:
        found = self._ask(
            lambda client: client.incoming_phone_numbers.list(
                phone_number=number, limit=20, page_size=20
            )
        )
        if any(one.phone_number == number for one in found):
            return _sender_ok(_("The number belongs to this account."))
        return _sender_problem(_("This number does not belong to the account."))

    def _ask(self, question: "Callable[[Client], Any]") -> Any:
        return self._api.call(question, deadline=Deadline.after(CALL_SECONDS))


_FAILURES = (Refused, AddressRefused, NotSent, NoAnswer)
_NO_BALANCE = _("Twilio shows no balance for this account (a sub-account has none of its own).")


def _account(client: "Client") -> Any:
    return client.api.v2010.accounts(str(client.account_sid)).fetch()


def _first_message(client: "Client") -> Any:
    return client.messages.list(limit=1, page_size=1)


def _state(status: str, type_: str) -> Check:
    if status != "active":
        words: Words = (
            _("The account is closed.")
            if status == "closed"
            else _("The account is suspended: usually no funds, or a policy block.")
        )
        return Check(CheckKind.ACCOUNT, CheckResult.PROBLEM, words, Cause.ACCOUNT_SUSPENDED)
    if type_ == "Trial":
        words = _("A trial account: it delivers to numbers verified at Twilio only.")
        return Check(CheckKind.ACCOUNT, CheckResult.PROBLEM, words, Cause.TEST_CREDENTIALS)
    return Check(CheckKind.ACCOUNT, CheckResult.OK, _("The account is active."))


def _balance(amount: Decimal, currency: str) -> Check:
    kind = CheckKind.BALANCE
    shown = f"{amount:.2f} {currency}".strip()
    if amount <= 0:
        words = format_lazy(_("Nothing is left: {balance}."), balance=shown)
        return Check(kind, CheckResult.PROBLEM, words, Cause.BALANCE_LOW, amount, currency)
    words = format_lazy("{balance}", balance=shown)
    return Check(kind, CheckResult.OK, words, None, amount, currency)


def _amount(text: object) -> Decimal | None:
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**9 else None


def _sender_ok(words: Words) -> Check:
    return Check(CheckKind.SENDER, CheckResult.OK, words)


def _sender_problem(words: Words) -> Check:
    return Check(CheckKind.SENDER, CheckResult.PROBLEM, words, Cause.SENDER_REJECTED)


def _failed(kind: CheckKind, failure: Exception) -> Check:
    if isinstance(failure, Refused):
        return _refused(kind, failure)
    if isinstance(failure, AddressRefused):
        verdict = errors.ERRORS[errors.ADDRESS_REFUSED]
        return Check(kind, CheckResult.PROBLEM, verdict.words, verdict.cause)
    words = _("Twilio could not be reached, so this is not known.")
    return Check(kind, CheckResult.UNKNOWN, words, Cause.PROVIDER_DOWN)


def _refused(kind: CheckKind, refusal: Refused) -> Check:
    _code, verdict = errors.of_refusal(status=refusal.status, code=refusal.code)
    if refusal.code == TEST_CREDENTIALS_CODE:
        words: Words = _("These are test credentials: nothing is delivered.")
        return Check(kind, CheckResult.PROBLEM, words, Cause.TEST_CREDENTIALS)
    if verdict.cause is Cause.PROVIDER_DOWN:
        words = _("Twilio is in trouble at the moment, so this is not known.")
        return Check(kind, CheckResult.UNKNOWN, words, Cause.PROVIDER_DOWN)
    if verdict.cause is Cause.RATE_LIMITED_BY_PROVIDER:
        return Check(kind, CheckResult.UNKNOWN, verdict.words, verdict.cause)
    return Check(kind, CheckResult.PROBLEM, verdict.words, verdict.cause)
