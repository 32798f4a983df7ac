"""Our own machinery on the first page: workers, beat, queue, clock, and the seals of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.display import Tone, Words
from backoffice.admin.log_sealing import chip_of, fault_of
from backoffice.audit.standing import Standing, standing
from smsproviders import clock_watch
from smsproviders.clock_watch import TOO_FAR, ClockState
from smsproviders.queue_health import QueueHealth, queue_health
from twofa.diagnosis.words import length


@dataclass(frozen=True, slots=True)
class Line:
    """`seen_at`: of the fact. `advice` says what to do, where something is wrong."""

    key: str
    title: Words
    words: Words
    tone: Tone
    seen_at: datetime | None = None
    advice: Words = ""


def lines() -> Sequence[Line]:
    """Six small queries."""
    queue = queue_health()
    return [
        _worker(queue),
        _beat(queue),
        _queue(queue),
        _clock(clock_watch.state()),
        _log(standing()),
    ]


def _worker(queue: QueueHealth) -> Line:
    title, seen_at = gettext_lazy("Worker"), queue.worker_seen_at
    if queue.worker_is_well:
        return Line("worker", title, _("Runs"), Tone.OK, seen_at)
    words = _("Silent") if seen_at else _("Never seen")
    advice = _("No code is sent by SMS without one: start a Celery worker.")
    return Line("worker", title, words, Tone.BAD, seen_at, advice)


def _beat(queue: QueueHealth) -> Line:
    title, seen_at = gettext_lazy("Beat"), queue.beat_seen_at
    if queue.beat_is_well:
        return Line("beat", title, _("Runs"), Tone.OK, seen_at)
    words = _("Silent") if seen_at else _("Never seen")
    advice = _("What failed is not tried again, and nothing here is counted: start Celery's beat.")
    return Line("beat", title, words, Tone.BAD, seen_at, advice)


def _queue(queue: QueueHealth) -> Line:
    title = gettext_lazy("Oldest queued message")
    if not queue.oldest_waits:
        return Line("queue", title, _("None waits"), Tone.OK)
    words = _("Waits for %s") % length(queue.oldest_waits)
    if queue.queue_is_well:
        return Line("queue", title, words, Tone.OK)
    advice = _("Messages wait too long: more workers, or none runs.")
    return Line("queue", title, words, Tone.BAD, advice=advice)


def _clock(state: ClockState | None) -> Line:
    title = gettext_lazy("Our clock")
    if state is None:
        return Line("clock", title, _("Not compared"), Tone.CALM)
    seconds = number_format(abs(state.offset.total_seconds()), 1)
    if not state.is_off:
        return Line("clock", title, _("Right to %s s") % seconds, Tone.OK, state.at)
    ahead = state.offset.total_seconds() > 0
    words = _("%s s fast") % seconds if ahead else _("%s s slow") % seconds
    advice = _(
        "More than %(most)d s off: codes of authenticator apps are refused. Repair the "
        "server's time service."
    ) % {"most": TOO_FAR.total_seconds()}
    return Line("clock", title, words, Tone.BAD, state.since or state.at, advice)


def _log(found: Standing) -> Line:
    words, tone = chip_of(found)
    fault = fault_of(found)
    advice = f"{fault.what} {fault.to_do}" if fault else ""
    return Line("log", gettext_lazy("Log"), words, tone, found.sealed_at, advice)
