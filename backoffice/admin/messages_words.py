"""A message and its calls in plain words: state, cause, purpose, price."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.admin.display import Tone, Words, chip
from smsproviders import accounts
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.trial_sends import PURPOSE as TEST
from smsproviders.vocabulary import Decision, MessageState
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.vocabulary import CauseId
from twofa.vocabulary import Purpose

PURPOSES: dict[str, Words] = {
    Purpose.SIGN_IN.value: _("Sign-in"),
    Purpose.ENROL.value: _("Enabling SMS"),
    Purpose.STEP_UP.value: _("Confirming a change"),
    Purpose.OPERATOR_ACT.value: _("Operator's act"),
    TEST: _("Test"),
    "notice": _("Notice, no code"),
}
TONES = {
    MessageState.QUEUED: Tone.CALM,
    MessageState.SENDING: Tone.CALM,
    MessageState.UNKNOWN: Tone.WARN,
    MessageState.ACCEPTED: Tone.CALM,
    MessageState.SENT: Tone.CALM,
    MessageState.DELIVERED: Tone.OK,
    MessageState.UNDELIVERED: Tone.BAD,
    MessageState.FAILED: Tone.BAD,
    MessageState.EXPIRED: Tone.WARN,
}
DECISION_TONES = {
    "": Tone.CALM,
    Decision.DONE: Tone.OK,
    Decision.RETRY: Tone.WARN,
    Decision.NEXT: Tone.WARN,
    Decision.NEXT_ONCE: Tone.WARN,
    Decision.STOP: Tone.BAD,
    Decision.AMBIGUOUS: Tone.WARN,
}
TAKEN = frozenset({MessageState.ACCEPTED, MessageState.SENT})


def is_withdrawn(message: SmsMessage) -> bool:
    """Its code was used or replaced before it was sent: nothing went wrong."""
    return message.state == MessageState.EXPIRED and not message.cause


def state_chip(message: SmsMessage) -> SafeString:
    if is_withdrawn(message):
        return chip(_("Not needed any more"), Tone.CALM)
    state = MessageState(message.state)
    return chip(state.label, TONES[state])


def is_without_receipt(message: SmsMessage) -> bool:
    """A provider took it, its time is over, and nobody said what became of it."""
    return message.finished_at is not None and message.state in TAKEN


def decision_chip(attempt: SmsAttempt) -> SafeString:
    words: Words = attempt.get_decision_display() or _("no answer yet")
    return chip(words, DECISION_TONES[attempt.decision])


def cause_words(cause: str) -> Words:
    """`sms.handset_unreachable`: Phone not reached."""
    try:
        return CATALOGUE[CauseId(cause)].title
    except (KeyError, ValueError):
        return cause


def purpose_words(purpose: str) -> Words:
    return PURPOSES.get(purpose, purpose)


def error_words(attempt: SmsAttempt, error_code: str) -> Words:
    """What the provider's code means, in its backend's words; "" where nobody can tell."""
    if not error_code or attempt.provider is None:
        return ""
    return accounts.words_for(attempt.provider, error_code)


def size_words(attempts: Iterable[SmsAttempt]) -> str:
    """`2 segments`, as far as providers told; "" when none did."""
    told = [one.segments for one in attempts if one.segments is not None]
    if not told:
        return ""
    total = sum(told)
    return ngettext("%(number)d segment", "%(number)d segments", total) % {"number": total}


def price_words(attempts: Iterable[SmsAttempt]) -> str:
    """`0.075 USD`; the calls of one currency together; "" when no provider told a price."""
    sums: dict[str, Decimal] = {}
    for one in attempts:
        if one.price is not None:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + abs(one.price)
    return ", ".join(f"{_plain(amount)} {currency}".strip() for currency, amount in sums.items())


def _plain(amount: Decimal) -> str:
    """At least cents; what a provider writes beyond them only where it says something."""
    whole, _point, cents = f"{amount:.5f}".rstrip("0").partition(".")
    return f"{whole}.{cents:0<2}"
