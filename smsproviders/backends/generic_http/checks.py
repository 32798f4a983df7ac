"""What can be known about a gateway without sending anything: its address, and its balance page."""

import urllib.parse
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.bounded_http import Answer, BoundedHttp, NoAnswer, NotAllowed, NotSent
from smsproviders.backends.generic_http import errors, outgoing
from smsproviders.backends.generic_http.addresses import refuse_where_it_leads
from smsproviders.backends.generic_http.answers import HIGHEST_BALANCE, amount_at, document_of
from smsproviders.backends.generic_http.placeholders import Placeholder, filled
from smsproviders.backends.generic_http.recipe import Balance, Sending
from smsproviders.contract import CALL_SECONDS, Check, Deadline
from smsproviders.vocabulary import Cause, CheckKind, CheckResult, Words

Judge = Callable[[CheckKind, Answer], Check]


class HttpChecks:
    def __init__(self, http: BoundedHttp, sending: Sending, balance: Balance) -> None:
        self._http = http
        self._sending = sending
        self._balance = balance

    def credentials(self) -> Check:
        return self._ask(CheckKind.CREDENTIALS, _accepted)

    def unproved_reports(self) -> Check:
        """Of an account nothing is known; what it lacks for us is told in that place."""
        words = _(
            "No secret of reports: no delivery report can be proved, so whether a message arrived "
            "stays unknown."
        )
        return Check(CheckKind.ACCOUNT, CheckResult.UNKNOWN, words)

    def balance(self) -> Check:
        if not self._balance.path:
            words = _("Not asked for: no balance address and path are set.")
            return Check(CheckKind.BALANCE, CheckResult.UNKNOWN, words)
        return self._ask(CheckKind.BALANCE, self._amount)

    def sender(self) -> Check:
        words = _("The gateway cannot tell: a test SMS shows which sender the phone names.")
        if Placeholder.FROM not in self._sending.template.names:
            words = _("The template has no %FROM%: the gateway chooses the sender.")
        return Check(CheckKind.SENDER, CheckResult.UNKNOWN, words)

    def _ask(self, kind: CheckKind, judge: Judge) -> Check:
        if not self._balance.url:
            return _of_the_address(kind, self._sending.url)
        try:
            answer = self._http.request(
                "GET", deadline=Deadline.after(CALL_SECONDS), **self._question()
            )
        except NotAllowed:
            return _problem(kind, errors.NOT_ALLOWED)
        except (NotSent, NoAnswer):
            return _unknown(kind, _("The gateway could not be reached, so this is not known."))
        return judge(kind, answer) if 200 <= answer.status < 300 else _refused(kind, answer.status)

    def _question(self) -> dict[str, Any]:
        """The secret may stand in the address's query, for gateways that know no other way."""
        address, _mark, query = self._balance.url.partition("?")
        values = {Placeholder.SECRET.value: self._sending.secret}
        given = urllib.parse.parse_qsl(query, keep_blank_values=True)
        return {
            "url": address,
            "params": [(name, filled(value, values)) for name, value in given],
            "headers": outgoing.signing_in(self._sending),
        }

    def _amount(self, kind: CheckKind, answer: Answer) -> Check:
        path = self._balance.path
        amount = amount_at(path, document_of(answer.text), below=HIGHEST_BALANCE)
        if amount is None:
            words = format_lazy(
                _("The answer holds no amount at {path}."), path=path.text if path else ""
            )
            return Check(kind, CheckResult.UNKNOWN, words)
        return _balance(kind, amount, self._balance.currency)


def _of_the_address(kind: CheckKind, url: str) -> Check:
    try:
        refuse_where_it_leads(url)
    except ValidationError:
        return _problem(kind, errors.NOT_ALLOWED)
    words = _("Without a balance address nothing can be asked: send a test SMS, which proves them.")
    return Check(kind, CheckResult.UNKNOWN, words)


def _accepted(kind: CheckKind, answer: Answer) -> Check:
    return Check(kind, CheckResult.OK, _("The gateway accepts the credentials."))


def _balance(kind: CheckKind, amount: Decimal, currency: str) -> Check:
    shown = f"{amount:.2f} {currency}".strip()
    if amount <= 0:
        words: Words = format_lazy(_("Nothing is left: {balance}."), balance=shown)
        return Check(kind, CheckResult.PROBLEM, words, Cause.BALANCE_LOW, amount, currency)
    return Check(kind, CheckResult.OK, shown, None, amount, currency)


def _refused(kind: CheckKind, status: int) -> Check:
    """The balance page is another one than that for messages: its 404 is no wrong password."""
    if status in {401, 403}:
        return _problem(kind, f"http-{status}")
    if status >= 500 or status == 429:
        return _unknown(kind, _("The gateway is in trouble at the moment, so this is not known."))
    words = format_lazy(
        _("The balance address answers with HTTP {status}, so this is not known."), status=status
    )
    return Check(kind, CheckResult.UNKNOWN, words)


def _problem(kind: CheckKind, code: str) -> Check:
    verdict = errors.ERRORS[code]
    return Check(kind, CheckResult.PROBLEM, verdict.words, verdict.cause)


def _unknown(kind: CheckKind, words: Words) -> Check:
    return Check(kind, CheckResult.UNKNOWN, words, Cause.PROVIDER_DOWN)
