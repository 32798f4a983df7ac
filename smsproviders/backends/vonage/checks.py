"""What can be known about a Vonage account without sending anything: one answer tells it all."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.api_address import AddressRefused
from smsproviders.backends.bounded_http import Answer, NoAnswer, NotSent
from smsproviders.backends.vonage import answers, errors
from smsproviders.backends.vonage.api import Api
from smsproviders.backends.vonage.send_statuses import ADDRESS_REFUSED, STATUSES
from smsproviders.contract import CALL_SECONDS, Check, Deadline
from smsproviders.vocabulary import Cause, CheckKind, CheckResult, Verdict

LARGEST_BALANCE = Decimal(10**9)


class VonageChecks:
    """One round of checks: the account is asked once, when the first of them needs it."""

    def __init__(self, api: Api, *, proves_receipts: bool) -> None:
        self._api = api
        self._proves_receipts = proves_receipts

    def credentials(self) -> Check:
        kind = CheckKind.CREDENTIALS
        return self._failure(kind) or Check(
            kind, CheckResult.OK, _("Vonage accepts the credentials.")
        )

    def account(self) -> Check:
        """Vonage tells nothing of it; what it lacks for us is told here."""
        if self._proves_receipts:
            words = _("Vonage does not tell the account's state.")
        else:
            words = _(
                "No signature secret: no delivery receipt can be proved, so whether a message "
                "arrived stays unknown. Provider settings say how to get one."
            )
        return Check(CheckKind.ACCOUNT, CheckResult.UNKNOWN, words)

    def balance(self) -> Check:
        kind = CheckKind.BALANCE
        if failure := self._failure(kind):
            return failure
        left = answers.amount(self._told.get("value"), below=LARGEST_BALANCE)
        if left is None:
            return Check(kind, CheckResult.UNKNOWN, _("Vonage shows no balance."))
        shown = f"{left:.2f} {answers.CURRENCY}"
        if left <= 0:
            words = format_lazy(_("Nothing is left: {balance}."), balance=shown)
            cause = Cause.BALANCE_LOW
            return Check(kind, CheckResult.PROBLEM, words, cause, left, answers.CURRENCY)
        words = format_lazy("{balance}", balance=shown)
        if self._told.get("autoReload") is True:
            words = format_lazy(_("{balance}; Vonage tops it up by itself."), balance=shown)
        return Check(kind, CheckResult.OK, words, None, left, answers.CURRENCY)

    def sender(self) -> Check:
        words = _("Vonage cannot tell where a sender may send: send a test SMS.")
        return Check(CheckKind.SENDER, CheckResult.UNKNOWN, words)

    @cached_property
    def _answer(self) -> Answer | Verdict | None:
        """None: nobody answered."""
        try:
            return self._api.balance(deadline=Deadline.after(CALL_SECONDS))
        except AddressRefused:
            return STATUSES[ADDRESS_REFUSED]
        except (NotSent, NoAnswer):
            return None

    @property
    def _told(self) -> Mapping[str, Any]:
        return answers.read(self._answer.text) if isinstance(self._answer, Answer) else {}

    def _failure(self, kind: CheckKind) -> Check | None:
        match self._answer:
            case None:
                words = _("Vonage could not be reached, so this is not known.")
                return Check(kind, CheckResult.UNKNOWN, words, Cause.PROVIDER_DOWN)
            case Verdict() as verdict:
                return Check(kind, CheckResult.PROBLEM, verdict.words, verdict.cause)
            case Answer(status=status) if not 200 <= status < 300:
                return _refused(kind, status, answers.problem(self._told))
        return None


def _refused(kind: CheckKind, status: int, problem: str) -> Check:
    _code, verdict = errors.of_http(status, problem=problem)
    if verdict.cause is Cause.PROVIDER_DOWN:
        words = _("Vonage is in trouble at the moment, so this is not known.")
        return Check(kind, CheckResult.UNKNOWN, words, Cause.PROVIDER_DOWN)
    if verdict.cause is Cause.RATE_LIMITED_BY_PROVIDER:
        return Check(kind, CheckResult.UNKNOWN, verdict.words, verdict.cause)
    return Check(kind, CheckResult.PROBLEM, verdict.words, verdict.cause)
