"""Worker, queue and our clock in one question, for pages that show them all."""

from typing import Any

from django.db.models import CharField, DateTimeField, IntegerField, Min, QuerySet, Value
from django.utils import timezone

from smsproviders import clock_watch, queue_health
from smsproviders.clock_watch import ClockState
from smsproviders.models import ClockReading, Heartbeat
from smsproviders.queue_health import QueueHealth

_HEARTBEAT, _CLOCK, _DUE = "heartbeat", "clock", "due"


def state() -> tuple[QueueHealth, ClockState | None]:
    """The same as `queue_health()` and `clock_watch.state()`; one query instead of three."""
    now = timezone.now()
    heartbeats = Heartbeat.objects.values_list(*_row(_HEARTBEAT, "part", "at"))
    clocks = ClockReading.objects.values_list(
        _word(_CLOCK), "source", "at", "offset_ms", "off_since"
    )
    due = queue_health.waiting(now).order_by().values(kind=_word(_DUE))
    oldest = due.annotate(first=Min("next_attempt_at")).values_list(
        "kind", _word(""), "first", *_EMPTY
    )
    rows: QuerySet[Any, tuple[Any, ...]] = clocks.union(heartbeats, oldest, all=True)
    seen, readings, first = {}, [], None
    for kind, name, at, offset_ms, off_since in rows:
        if kind == _HEARTBEAT:
            seen[name] = at
        elif kind == _CLOCK:
            readings.append(ClockReading(name, offset_ms, at, off_since))
        else:
            first = at
    return queue_health.health_of(seen, first, now=now), clock_watch.state_of(readings)


def _word(word: str) -> Value:
    return Value(word, output_field=CharField())


_EMPTY = (Value(None, output_field=IntegerField()), Value(None, output_field=DateTimeField()))


def _row(kind: str, name: str, at: str) -> tuple[Any, ...]:
    return (_word(kind), name, at, *_EMPTY)
