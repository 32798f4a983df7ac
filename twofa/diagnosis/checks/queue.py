"""Our own machinery: worker, beat, and how long messages wait."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from smsproviders.queue_health import LONG_WAIT, QueueHealth
from smsproviders.vocabulary import MessageState
from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import capital, clock, later, length
from twofa.vocabulary import FactorKind


def queue(facts: Facts) -> Checked:
    health = facts.queue
    well = _("Worker seen %(ago)s ago; nothing waits longer than %(limit)s.") % {
        "ago": _ago(facts, health.worker_seen_at),
        "limit": length(LONG_WAIT),
    }
    found = _stalled(facts) if facts.uses_sms else None
    return judged("queue", _("Worker and queue"), [found], well=well, at=facts.at)


def _ago(facts: Facts, moment: datetime | None) -> str:
    return length(facts.at - moment) if moment else _("a long time")


def _stalled(facts: Facts) -> Finding | None:
    """Only when something waits: a worker that rests while nobody asks for codes harms nobody."""
    waiting = max(_own_wait(facts), _wait_of_others(facts))
    if waiting < LONG_WAIT:
        return None
    since = facts.at - waiting
    why = later(_why, facts.queue)
    return Finding(
        CauseId.QUEUE_STALLED,
        Confidence.CERTAIN,
        (
            Fact(_("The oldest message waits since then"), since),
            Fact(later(capital, why), facts.at),
        ),
        at=facts.at,
        since=since,
        factor=FactorKind.SMS,
        values={
            "seconds": str(round(waiting.total_seconds())),
            "why": why,
            "since": later(clock, since),
        },
    )


def _own_wait(facts: Facts) -> timedelta:
    """That no worker takes it; not that it is held back for its provider."""
    last = facts.last_message
    row = last.message if last else None
    if row is None or row.state != MessageState.QUEUED or row.next_attempt_at is None:
        return timedelta()
    return facts.at - row.next_attempt_at


def _wait_of_others(facts: Facts) -> timedelta:
    """Theirs is this client's trouble, unless his own message was taken meanwhile."""
    waits, last = facts.queue.oldest_waits, facts.last_message
    began_at = facts.at - waits
    if last and any(one.started_at > began_at for one in last.attempts):
        return timedelta()
    used = facts.sms.last_used_at if facts.sms else None
    return timedelta() if used and used > began_at else waits


def _why(health: QueueHealth) -> str:
    if not health.worker_is_well:
        seen = health.worker_seen_at
        if seen is None:
            return _("no worker was ever seen")
        return _("no worker was seen since %(time)s") % {"time": clock(seen)}
    if not health.beat_is_well:
        return _("the broker or the scheduler does not answer")
    return _("the workers do not keep up")
