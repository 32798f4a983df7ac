"""What a message says of itself, as the words of the catalogue want it."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common.masking import mask_phone
from smsproviders.accounts import words_for
from smsproviders.models import SmsAttempt, SmsProvider
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Fact, Words
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.vocabulary import CauseId
from twofa.diagnosis.words import clock, later, length, raw_code

AT_PROVIDER = gettext_lazy("at the provider")
OUR_SENDER = gettext_lazy("our sender")
HERE = gettext_lazy("this destination")
_TEXT_START = gettext_lazy("Text START to that number, then ask for a new code.")
_CANNOT_ANSWER = gettext_lazy("That sender takes no answers, so I ask for it to be lifted.")
# Where the provider was not even called.
_NOT_CALLED = {
    CauseId.PROVIDER_INCOMPLETE: gettext_lazy(
        "A required setting of the provider is empty or wrong."
    ),
    CauseId.PROVIDER_DOWN: gettext_lazy("It is left alone for a while after failures in a row."),
}


def values_of(facts: Facts, last: MessageFacts) -> dict[str, Words]:
    """Number, provider, code and the like of the call that the message ended with."""
    attempt = telling(last)
    sender = attempt.sender if attempt else ""
    return {
        "number": mask_phone(last.message.number),
        "country": last.message.country or HERE,
        "provider": attempt.provider_caption if attempt else _held_by(facts, last),
        "sender": sender or OUR_SENDER,
        "code": raw_code(attempt.provider_caption, attempt.error_code) if attempt else "",
        "words": meaning_of(attempt),
        "where": AT_PROVIDER,
        "balance": later(balance_of, attempt.provider if attempt else None),
        "at": later(clock, last.message.created_at),
        "since": later(clock, since_when(facts, attempt, last)),
        "answer": _TEXT_START if _is_a_number(sender) else _CANNOT_ANSWER,
        "what": gettext_lazy("The code's life ended while the message was on its way"),
        "usual": usual(facts),
        "came": gettext_lazy("did not come while its code was good, so please ask for a new one"),
    }


def _held_by(facts: Facts, last: MessageFacts) -> Words:
    """Who was not even called: the provider that is left alone for that cause."""
    causes = {one.provider.caption: one.stops.cause for one in facts.route.serving if one.stops}
    names = (name for name, cause in causes.items() if cause == last.message.cause)
    return next(names, None) or gettext_lazy("The provider")


def telling(last: MessageFacts) -> SmsAttempt | None:
    """The last call that says what went wrong; else the last one."""
    told = [one for one in last.attempts if one.error_code or one.cause]
    return told[-1] if told else last.last_attempt


def meaning_of(attempt: SmsAttempt | None) -> Words:
    """What the provider's code means, in the words of its backend."""
    if attempt is None:
        return ""
    if attempt.error_code and attempt.provider is not None:
        return words_for(attempt.provider, attempt.error_code)
    return _NOT_CALLED.get(CauseId(attempt.cause), "") if attempt.cause else ""


def call(attempt: SmsAttempt, heard_at: datetime) -> Fact:
    """One call and its end, as a proof."""
    meaning = meaning_of(attempt) or attempt.get_decision_display() or _("no answer yet")
    code = f" ({attempt.error_code})" if attempt.error_code else ""
    return Fact(f"{attempt.provider_caption}: {meaning}{code}", heard_at)


def balance_of(provider: SmsProvider | None) -> str:
    """`: 0.00 USD, seen at 09:10 UTC`, or nothing where it is not known."""
    if provider is None or provider.balance is None:
        return ""
    amount = f"{provider.balance:.2f} {provider.currency}".strip()
    seen_at = clock(provider.balance_checked_at)
    return _(": %(amount)s, seen at %(time)s") % {"amount": amount, "time": seen_at}


def since_when(facts: Facts, attempt: SmsAttempt | None, last: MessageFacts) -> datetime:
    """Since when that trouble stands: as seen of the provider, or of this client's messages."""
    state = facts.route.state_of(attempt.provider_id) if attempt else None
    of_provider = state.stops.since if state and state.stops else None
    own = first_of_a_row(facts, last).message.created_at
    return min(own, of_provider) if of_provider else own


def first_of_a_row(facts: Facts, last: MessageFacts) -> MessageFacts:
    """The first of the newest messages that ended by the same cause, since the last right code."""
    first = last
    for one in facts.messages:
        if one.message.created_at <= facts.since or one.message.cause != last.message.cause:
            break
        first = one
    return first


def usual(facts: Facts) -> Words:
    """How long a message takes on this route."""
    baseline = facts.route.baseline
    found = baseline.usual if baseline else None
    return later(length, found) if found else gettext_lazy("not known")


def _is_a_number(sender: str) -> bool:
    return sender.lstrip("+").isdigit()
