"""A provider whose messages arrive on a page of the developer: /sandbox/phone/. Only with DEBUG.

It can be broken on purpose, so that a newcomer sees what a client and an operator see then. Each
way to behave answers as a real provider would: the same verdicts, causes, reports and checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.common.identifiers import uuid7
from smsproviders.contract import (
    Check,
    Deadline,
    OutgoingSms,
    Report,
    SendResult,
    SettingsForm,
    SmsBackend,
)
from smsproviders.models import SandboxMessage
from smsproviders.vocabulary import Cause, CheckKind, CheckResult, Decision, Progress, Verdict

SENDER = "Sandbox"
BALANCE = Decimal("25.00")
CURRENCY = "EUR"
DELIVERED_SECONDS = 1.5
SLOW_SECONDS = 45.0


class Behaviour(models.TextChoices):
    WORKS = "works", _("Works: every message arrives")
    WRONG_CREDENTIALS = "wrong_credentials", _("Credentials are wrong or revoked")
    NO_BALANCE = "no_balance", _("Nothing is left on the account")
    DOWN = "down", _("The provider cannot be reached")
    SILENT = "silent", _("The provider does not answer: nobody knows whether it was sent")
    CARRIER_BLOCKS = "carrier_blocks", _("The carrier blocks the message")
    PHONE_OFF = "phone_off", _("The phone is off")
    SLOW = "slow", _("The receipt comes late, after the message")


TAKEN = Verdict(Decision.DONE, Cause.UNEXPLAINED, _("The sandbox took the message."))
ERRORS: Mapping[str, Verdict] = {
    "credentials": Verdict(
        Decision.NEXT,
        Cause.CREDENTIALS_REJECTED,
        _("The sandbox is told to refuse the credentials."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    "balance": Verdict(
        Decision.NEXT,
        Cause.BALANCE_LOW,
        _("The sandbox is told to have no credit."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    "unreachable": Verdict(
        Decision.NEXT,
        Cause.PROVIDER_DOWN,
        _("The sandbox is told to be down; nothing was sent."),
        counts_for_breaker=True,
    ),
    "no-answer": Verdict(
        Decision.AMBIGUOUS,
        Cause.PROVIDER_DOWN,
        _("The sandbox did not confirm; the client may get the same code twice."),
        counts_for_breaker=True,
    ),
    "blocked": Verdict(
        Decision.NEXT_ONCE,
        Cause.CARRIER_BLOCKED,
        _("Blocked on the way; the sandbox does not say by whom."),
        tell_client=True,
    ),
    "phone-off": Verdict(
        Decision.NEXT_ONCE,
        Cause.HANDSET_UNREACHABLE,
        _("The phone is off, without signal, or roaming."),
        tell_client=True,
    ),
}

_REFUSALS = {
    Behaviour.WRONG_CREDENTIALS: "credentials",
    Behaviour.NO_BALANCE: "balance",
    Behaviour.DOWN: "unreachable",
    Behaviour.SILENT: "no-answer",
}
_LOST = {Behaviour.CARRIER_BLOCKS: "blocked", Behaviour.PHONE_OFF: "phone-off"}


@dataclass(frozen=True, slots=True)
class Step:
    """A status that a message reaches some seconds after it was taken."""

    after: float
    progress: Progress
    error_code: str = ""


def steps(behaviour: str) -> list[Step]:
    sent = Step(0.5, Progress.SENT)
    if behaviour in _LOST:
        return [sent, Step(DELIVERED_SECONDS, Progress.UNDELIVERED, _LOST[Behaviour(behaviour)])]
    receipt = SLOW_SECONDS if behaviour == Behaviour.SLOW else DELIVERED_SECONDS
    return [sent, Step(receipt, Progress.DELIVERED)]


class SandboxForm(SettingsForm):
    behaves_as = forms.ChoiceField(
        label=_("Behaves as"),
        choices=Behaviour.choices,
        initial=Behaviour.WORKS,
        required=False,
        help_text=_("Break the provider on purpose, and see what the client and you see then."),
    )

    def clean_behaves_as(self) -> str:
        return self.cleaned_data["behaves_as"] or Behaviour.WORKS.value


class SandboxBackend(SmsBackend):
    key = "sandbox"
    name = _("Sandbox (a phone on a page)")
    settings_form = SandboxForm
    for_development = True
    # A newcomer waits for the receipt: it is there at the first question.
    ask_after = timedelta(seconds=DELIVERED_SECONDS)
    error_table = ERRORS

    @property
    def calls_back(self) -> bool:
        return False

    @property
    def behaviour(self) -> Behaviour:
        return Behaviour(self.credentials.get("behaves_as") or Behaviour.WORKS)

    @property
    def default_sender(self) -> str:
        return SENDER

    def send(self, sms: OutgoingSms, *, deadline: Deadline) -> SendResult:
        if self.behaviour in _REFUSALS:
            code = _REFUSALS[self.behaviour]
            return SendResult(verdict=ERRORS[code], error_code=code, answer={"error": code})
        taken = uuid7()
        if self.behaviour not in _LOST:
            SandboxMessage.objects.create(
                id=taken, number=sms.to, sender=sms.sender or SENDER, body=sms.body
            )
        # The id carries the behaviour, so that a later change does not rewrite this one's story.
        message_id = f"{self.behaviour}-{taken}"
        return SendResult(
            verdict=TAKEN, provider_message_id=message_id, answer={"id": message_id}, segments=1
        )

    def lookup(self, provider_message_id: str, *, deadline: Deadline) -> Report | None:
        behaviour, _dash, taken = provider_message_id.partition("-")
        try:
            age = (timezone.now() - moment_of(UUID(taken))).total_seconds()
        except ValueError:
            return None
        reached = [step for step in steps(behaviour) if step.after <= age]
        step = reached[-1] if reached else Step(0, Progress.ACCEPTED)
        return self._report(provider_message_id, step)

    def find(self, sms_to: str, *, since: datetime, body: str, deadline: Deadline) -> Report | None:
        recent = SandboxMessage.objects.filter(number=sms_to, received_at__gte=since)
        for message in recent[:20]:
            if message.body == body:
                return self.lookup(f"{Behaviour.WORKS}-{message.pk}", deadline=deadline)
        return None

    def check_credentials(self) -> Check:
        kind = CheckKind.CREDENTIALS
        if self.behaviour == Behaviour.WRONG_CREDENTIALS:
            verdict = ERRORS["credentials"]
            return Check(kind, CheckResult.PROBLEM, verdict.words, verdict.cause)
        if self._unreachable:
            return self._not_known(kind)
        return Check(kind, CheckResult.OK, _("The sandbox needs no credentials."))

    def check_balance(self) -> Check:
        kind = CheckKind.BALANCE
        if self._unreachable:
            return self._not_known(kind)
        if self.behaviour == Behaviour.NO_BALANCE:
            words = ERRORS["balance"].words
            nothing = Decimal("0.00")
            return Check(kind, CheckResult.PROBLEM, words, Cause.BALANCE_LOW, nothing, CURRENCY)
        return Check(kind, CheckResult.OK, f"{BALANCE} {CURRENCY}", None, BALANCE, CURRENCY)

    def check_sender(self) -> Check:
        if self._unreachable:
            return self._not_known(CheckKind.SENDER)
        return Check(CheckKind.SENDER, CheckResult.OK, _("The sandbox takes every sender."))

    @property
    def _unreachable(self) -> bool:
        return self.behaviour in {Behaviour.DOWN, Behaviour.SILENT}

    def _not_known(self, kind: CheckKind) -> Check:
        words = _("The sandbox could not be reached, so this is not known.")
        return Check(kind, CheckResult.UNKNOWN, words, Cause.PROVIDER_DOWN)

    def _report(self, message_id: str, step: Step) -> Report:
        return Report(
            provider_message_id=message_id,
            progress=step.progress,
            raw_status=step.progress.value,
            error_code=step.error_code,
            verdict=ERRORS.get(step.error_code),
            payload={"status": step.progress.value},
        )


def moment_of(identifier: UUID) -> datetime:
    """The millisecond in a UUIDv7 (RFC 9562, section 5.7)."""
    epoch = datetime(1970, 1, 1, tzinfo=timezone.now().tzinfo)
    return epoch + timedelta(milliseconds=identifier.int >> 80)
