"""Our own machinery: worker, beat, and how long messages wait."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from smsproviders.queue_health import LONG_WAIT
from smsproviders.vocabulary import MessageState
from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, length
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
    waiting = _own_wait(facts) or facts.queue.oldest_waits
    if waiting < LONG_WAIT:
        return None
    since = facts.at - waiting
    return Finding(
        CauseId.QUEUE_STALLED,
        Confidence.CERTAIN,
        (Fact(_("The oldest message waits since then"), since),),
        at=facts.at,
        since=since,
        factor=FactorKind.SMS,
        values={
            "seconds": str(round(waiting.total_seconds())),
            "why": _why(facts),
            "since": clock(since),
        },
    )


def _own_wait(facts: Facts) -> timedelta | None:
    last = facts.last_message
    if last is None or last.message.state != MessageState.QUEUED:
        return None
    wait = facts.at - last.message.created_at
    return wait if wait >= LONG_WAIT else None


def _why(facts: Facts) -> str:
    if not facts.queue.worker_is_well:
        seen = facts.queue.worker_seen_at
        return _("no worker was seen since %(time)s") % {"time": clock(seen)}
    if not facts.queue.beat_is_well:
        return _("the broker or the scheduler does not answer")
    return _("the workers do not keep up")
