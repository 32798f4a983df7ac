"""The newest message: failed, under way, late, delivered, and what came of its code."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsproviders.vocabulary import MessageState
from twofa.diagnosis.checks import failed
from twofa.diagnosis.checks.line import fine, judged, unknown
from twofa.diagnosis.checks.message_words import OUR_SENDER, usual, values_of
from twofa.diagnosis.checks.typing import TO_TYPE
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Subject
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, later, length
from twofa.vocabulary import CodeOutcome, FactorKind

TITLE = gettext_lazy("This number's messages")
CHECK = "messages"
SMS = FactorKind.SMS
_IS_LATE = gettext_lazy("is late there")
_CAME_LATE = gettext_lazy("came late, so please ask for a new one and type it at once")
SLOW = timedelta(seconds=10)
DELAY = timedelta(seconds=30)
# A client needs some seconds to read and type.
SOON = timedelta(seconds=60)


def messages(facts: Facts) -> Checked:
    last = facts.last_message
    if last is None or last.challenge.consumed_at is not None:
        return _quiet(facts)
    state = MessageState(last.message.state)
    if last.message.cause:
        return _line(last, failed.found(facts, last))
    if state == MessageState.UNKNOWN:
        words = _("Nobody knows whether it was sent: our worker stopped during the call.")
        return unknown(CHECK, TITLE, words, last.message.created_at)
    if state == MessageState.DELIVERED:
        return _line(last, _late_receipt(facts, last), _not_typed(facts, last))
    if state in {MessageState.ACCEPTED, MessageState.SENT}:
        return _under_way(facts, last)
    return _line(last, failed.in_line(facts, last))


def _quiet(facts: Facts) -> Checked:
    newest = next(iter(facts.messages), None)
    if newest is None:
        return fine(CHECK, TITLE, _("No code by SMS in the last 24 hours."), facts.at)
    words = _("The last one, of %(time)s: %(state)s.") % {
        "time": clock(newest.message.created_at),
        "state": newest.message.get_state_display(),
    }
    return fine(CHECK, TITLE, words, newest.message.created_at)


def _line(last: MessageFacts, *found: Finding | None) -> Checked:
    well = _("Asked for at %(time)s: %(state)s.") % {
        "time": clock(last.message.created_at),
        "state": last.message.get_state_display(),
    }
    return judged(CHECK, TITLE, found, well=well, at=_newest_event(last))


def _newest_event(last: MessageFacts) -> datetime:
    row = last.message
    moments = [row.created_at, row.accepted_at, row.sent_at, row.delivered_at]
    return max(moment for moment in moments if moment is not None)


def _not_typed(facts: Facts, last: MessageFacts) -> Finding | None:
    """A receipt, and nothing tried since. A try that failed is a matter of what was typed."""
    delivered = last.message.delivered_at
    if delivered is None or delivered >= last.challenge.expires_at:
        return None
    if any(row.at >= delivered for row in facts.tries):
        return None
    values = values_of(facts, last)
    proof = Fact(_("Delivered to the phone, from %(sender)s") % values, delivered)
    return Finding(
        CauseId.DELIVERED_NOT_TYPED,
        Confidence.LIKELY if facts.at - delivered > SOON else Confidence.POSSIBLE,
        (proof, Fact(_("No code was typed since."))),
        at=delivered,
        since=delivered,
        factor=SMS,
        values={
            **values,
            "at": later(clock, delivered),
            "from": "" if values["sender"] is OUR_SENDER else later(_from, str(values["sender"])),
        },
        subject=Subject(message_id=last.message.pk),
    )


def _from(sender: str) -> str:
    return _(" from %(sender)s") % {"sender": sender}


def _late_receipt(facts: Facts, last: MessageFacts) -> Finding | None:
    """Over half a minute and over the usual. That is why, where no time was left to type it."""
    row = last.message
    if row.delivered_at is None or row.accepted_at is None:
        return None
    took = row.delivered_at - row.accepted_at
    if took <= _patience(facts):
        return None
    left = last.challenge.expires_at - row.delivered_at
    confidence = Confidence.CERTAIN if left < TO_TYPE else Confidence.POSSIBLE
    found = _delay(facts, last, _took, took, confidence, at=row.delivered_at)
    return replace(found, values={**found.values, "came": _CAME_LATE})


def _took(took: timedelta) -> str:
    return _("Delivered %(length)s after it was handed over") % {"length": length(took)}


def _under_way(facts: Facts, last: MessageFacts) -> Checked:
    """Taken, and no receipt. That alone is no failure: it counts where receipts are usual."""
    row = last.message
    taken = row.accepted_at or row.created_at
    waited = facts.at - taken
    if _has_arrived(facts, last):
        return _line(last)
    slow = _slow(facts, last) if row.sent_at is None and waited > SLOW else None
    if waited <= _patience(facts) or slow is not None:
        return _line(last, slow)
    baseline = facts.route.baseline
    if baseline is None or not baseline.gives_receipts:
        words = _(
            "Handed over at %(time)s, no receipt; this route gives too few to tell. Ask whether it "
            "came, or send a test SMS."
        )
        return unknown(CHECK, TITLE, words % {"time": clock(taken)}, taken)
    return _line(last, _delay(facts, last, _waits, waited, Confidence.LIKELY, at=taken))


def _waits(waited: timedelta) -> str:
    return _("No receipt %(length)s after it was handed over") % {"length": length(waited)}


def _patience(facts: Facts) -> timedelta:
    """A route that is slow as a rule is not late yet."""
    found = facts.route.baseline.usual if facts.route.baseline else None
    return max(DELAY, 2 * found) if found else DELAY


def _has_arrived(facts: Facts, last: MessageFacts) -> bool:
    """A code was typed for it, without a receipt; not one of an earlier message or of the app."""
    return any(
        row.challenge_id == last.challenge.pk
        and row.at > last.message.created_at
        and row.outcome in {CodeOutcome.INCORRECT, CodeOutcome.EXPIRED}
        and not row.other_factor
        for row in facts.fresh_tries(SMS)
    )


def _slow(facts: Facts, last: MessageFacts) -> Finding | None:
    """Only when the provider's other messages are slow as well; else it is this one's network."""
    baseline = facts.route.baseline
    attempt = last.last_attempt
    if baseline is None or attempt is None or not baseline.is_slow:
        return None
    at = last.message.accepted_at or last.message.created_at
    counts = {"slow": str(baseline.slow), "all": str(baseline.recent)}
    others = _("%(slow)s of %(all)s other messages of the last ten minutes waited over 10 s")
    return Finding(
        CauseId.PROVIDER_SLOW,
        Confidence.LIKELY,
        (Fact(_("Taken, and not handed on"), at), Fact(others % counts, facts.at)),
        at=at,
        since=at,
        factor=SMS,
        values={**values_of(facts, last), **counts},
        subject=Subject(provider_id=attempt.provider_id, message_id=last.message.pk),
    )


def _delay(
    facts: Facts,
    last: MessageFacts,
    words: Callable[[timedelta], str],
    span: timedelta,
    confidence: Confidence,
    *,
    at: datetime,
) -> Finding:
    return Finding(
        CauseId.CARRIER_DELAY,
        confidence,
        (Fact(later(words, span), at), *_baseline(facts)),
        at=at,
        since=last.message.accepted_at,
        factor=SMS,
        values={
            **values_of(facts, last),
            "what": later(words, span),
            "usual": usual(facts),
            "came": _IS_LATE,
            "at": later(clock, last.message.sent_at or last.message.accepted_at),
        },
        subject=Subject(message_id=last.message.pk),
    )


def _baseline(facts: Facts) -> tuple[Fact, ...]:
    baseline = facts.route.baseline
    if baseline is None or not baseline.messages:
        return ()
    words = _(
        "%(delivered)d of %(all)d other messages on this route had a receipt, usually after "
        "%(usual)s"
    )
    found = {"all": baseline.messages, "delivered": baseline.delivered, "usual": usual(facts)}
    return (Fact(words % found, facts.at),)
