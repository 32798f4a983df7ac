"""What a message says of itself, as the words of the catalogue want it."""

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.common.masking import mask_phone
from smsproviders.accounts import words_for
from smsproviders.models import SmsAttempt
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.words import clock, raw_code


def values_of(facts: Facts, last: MessageFacts) -> dict[str, str]:
    """Number, provider, code and the like of the call that the message ended with."""
    told = [one for one in last.attempts if one.error_code or one.cause] or [*last.attempts]
    attempt = told[-1] if told else None
    return {
        "number": mask_phone(last.message.number),
        "country": last.message.country or _("this destination"),
        "provider": attempt.provider_caption if attempt else _("the provider"),
        "sender": (attempt.sender if attempt else "") or _("our sender"),
        "code": raw_code(attempt.provider_caption, attempt.error_code) if attempt else "",
        "words": words_of(attempt),
        "where": _("at the provider"),
        "balance": "",
        "at": clock(last.message.created_at),
        "since": clock(since_when(facts, attempt)),
    }


def words_of(attempt: SmsAttempt | None) -> str:
    """What the provider's code means, in the words of its backend."""
    if attempt is None or attempt.provider is None:
        return ""
    return str(words_for(attempt.provider, attempt.error_code)) if attempt.error_code else ""


def since_when(facts: Facts, attempt: SmsAttempt | None) -> datetime | None:
    """Since when that provider is in trouble, as far as it was seen; else this call's time."""
    if attempt is None:
        return facts.at
    state = facts.route.state_of(attempt.provider_id)
    known = state.stops.since if state and state.stops else None
    return known or attempt.started_at
