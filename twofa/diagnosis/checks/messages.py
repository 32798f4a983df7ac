"""The newest message: failed, under way, late, delivered, and what came of its code."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import Decision, MessageState
from twofa.diagnosis.checks.line import fine, judged, unknown
from twofa.diagnosis.checks.message_words import values_of
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Subject
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, length
from twofa.vocabulary import FactorKind

TITLE = _("This number's messages")
CHECK = "messages"
SMS = FactorKind.SMS
SLOW = timedelta(seconds=10)
DELAY = timedelta(seconds=30)
# A client needs some seconds to read and type.
SOON = 60
_ENDED_BADLY = frozenset({MessageState.FAILED, MessageState.UNDELIVERED, MessageState.UNKNOWN})
# The provider's word alone: who blocked it is not told.
_POSSIBLE = frozenset({CauseId.CARRIER_BLOCKED, CauseId.UNEXPLAINED})


def messages(facts: Facts) -> Checked:
    last = facts.last_message
    if last is None or last.challenge.consumed_at is not None:
        return _quiet(facts)
    state = MessageState(last.message.state)
    if state in _ENDED_BADLY or (state == MessageState.EXPIRED and last.message.cause):
        return _line(facts, last, _ended_badly(facts, last))
    if state == MessageState.DELIVERED:
        return _line(facts, last, _late_receipt(facts, last), _not_typed(facts, last))
    if state in {MessageState.ACCEPTED, MessageState.SENT}:
        return _under_way(facts, last)
    return _line(facts, last)


def _quiet(facts: Facts) -> Checked:
    newest = next(iter(facts.messages), None)
    if newest is None:
        return fine(CHECK, TITLE, _("No code by SMS in the last 24 hours."), facts.at)
    words = _("The last one, of %(time)s: %(state)s.") % {
        "time": clock(newest.message.created_at),
        "state": newest.message.get_state_display(),
    }
    return fine(CHECK, TITLE, words, newest.message.created_at)


def _line(facts: Facts, last: MessageFacts, *found: Finding | None) -> Checked:
    well = _("Asked for at %(time)s: %(state)s.") % {
        "time": clock(last.message.created_at),
        "state": last.message.get_state_display(),
    }
    return judged(CHECK, TITLE, found, well=well, at=_newest_event(last))


def _newest_event(last: MessageFacts) -> datetime:
    row = last.message
    moments = [row.created_at, row.accepted_at, row.sent_at, row.delivered_at]
    return max(moment for moment in moments if moment is not None)


def _ended_badly(facts: Facts, last: MessageFacts) -> Finding | None:
    """By the cause that the message ended with, which its last call or report gave."""
    if not last.message.cause:
        return None
    cause = CauseId(last.message.cause)
    failed = [one for one in last.attempts if one.cause or one.decision == Decision.AMBIGUOUS]
    at = failed[-1].started_at if failed else last.message.created_at
    return Finding(
        cause,
        Confidence.POSSIBLE if cause in _POSSIBLE else Confidence.CERTAIN,
        tuple(_call(one) for one in failed[-3:])
        or (Fact(last.message.get_state_display(), last.message.created_at),),
        at=at,
        since=last.message.created_at,
        factor=SMS,
        values=values_of(facts, last),
        subject=Subject(
            provider_id=failed[-1].provider_id if failed else None, message_id=last.message.pk
        ),
    )


def _call(attempt: SmsAttempt) -> Fact:
    words = _("%(provider)s: %(outcome)s %(code)s") % {
        "provider": attempt.provider_caption,
        "outcome": attempt.get_decision_display() or _("no answer yet"),
        "code": attempt.error_code,
    }
    return Fact(words.strip(), attempt.started_at)


def _not_typed(facts: Facts, last: MessageFacts) -> Finding | None:
    """A receipt, and nothing tried since. A try that failed is a matter of what was typed."""
    delivered = last.message.delivered_at
    if delivered is None or any(row.at > delivered for row in facts.tries):
        return None
    minute_old = (facts.at - delivered).total_seconds() > SOON
    return Finding(
        CauseId.DELIVERED_NOT_TYPED,
        Confidence.LIKELY if minute_old else Confidence.POSSIBLE,
        (Fact(_("Delivered to the phone"), delivered),),
        at=delivered,
        since=delivered,
        factor=SMS,
        values={**values_of(facts, last), "at": clock(delivered)},
        subject=Subject(message_id=last.message.pk),
    )


def _late_receipt(facts: Facts, last: MessageFacts) -> Finding | None:
    """Delivered, but so late that it helps nobody: over half a minute and over the usual."""
    row = last.message
    if row.delivered_at is None or row.accepted_at is None:
        return None
    took = row.delivered_at - row.accepted_at
    usual = facts.route.baseline.usual if facts.route.baseline else None
    if took <= DELAY or (usual is not None and took <= 2 * usual):
        return None
    what = _("Delivered %(length)s after it was handed over") % {"length": length(took)}
    return _delay(facts, last, what, Confidence.CERTAIN, at=row.delivered_at)


def _under_way(facts: Facts, last: MessageFacts) -> Checked:
    """Taken, and no receipt. That alone is no failure: it counts where receipts are usual."""
    row = last.message
    taken = row.accepted_at or row.created_at
    waited = facts.at - taken
    slow = _slow(facts, last) if row.sent_at is None and waited > SLOW else None
    if waited <= DELAY or slow is not None:
        return _line(facts, last, slow)
    baseline = facts.route.baseline
    if baseline is None or not baseline.gives_receipts:
        words = _(
            "Handed over at %(time)s, no receipt; this route gives too few to tell. Ask whether it "
            "came, or send a test SMS."
        )
        return unknown(CHECK, TITLE, words % {"time": clock(taken)}, taken)
    what = _("No receipt %(length)s after it was handed over") % {"length": length(waited)}
    return _line(facts, last, _delay(facts, last, what, Confidence.LIKELY, at=taken))


def _slow(facts: Facts, last: MessageFacts) -> Finding | None:
    """Only when the provider's other messages are slow as well; else it is this one's network."""
    baseline = facts.route.baseline
    attempt = last.last_attempt
    if baseline is None or attempt is None or not baseline.is_slow:
        return None
    at = last.message.accepted_at or last.message.created_at
    return Finding(
        CauseId.PROVIDER_SLOW,
        Confidence.LIKELY,
        (Fact(_("Taken, and not handed on"), at),),
        at=at,
        since=at,
        factor=SMS,
        values={
            **values_of(facts, last),
            "slow": str(baseline.slow),
            "all": str(baseline.recent),
        },
        subject=Subject(provider_id=attempt.provider_id, message_id=last.message.pk),
    )


def _delay(
    facts: Facts, last: MessageFacts, what: str, confidence: Confidence, *, at: datetime
) -> Finding:
    baseline = facts.route.baseline
    usual = length(baseline.usual) if baseline and baseline.usual else _("not known")
    handed = last.message.sent_at or last.message.accepted_at
    return Finding(
        CauseId.CARRIER_DELAY,
        confidence,
        (Fact(what, at),),
        at=at,
        since=last.message.accepted_at,
        factor=SMS,
        values={**values_of(facts, last), "what": what, "usual": usual, "at": clock(handed)},
        subject=Subject(message_id=last.message.pk),
    )
