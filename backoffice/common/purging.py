"""Removing what is too old in small steps, so that nobody ever waits for it.

Keys are UUIDv7 or counted numbers, so the oldest rows are those with the smallest keys: each step
reads one stretch of the primary key's index, whatever the size of the table. A step is a short
transaction of its own. It passes over rows that somebody else holds, and meets them again next
time. So two purges at once share the work (on SQLite they take turns), and what was killed is gone
on with.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

BATCH = 1_000
# Of one kind of rows, each time: the next time comes soon.
SECONDS = 3.0

Step = Callable[[float], int]
"""Purges one kind of rows until that moment of `time.monotonic()`; how many there were."""

logger = logging.getLogger(__name__)


def run(steps: Iterable[Step], *, seconds: float = SECONDS) -> int:
    """Each step for at most so long, whatever became of the others; how many rows in all."""
    return sum(_run(step, seconds) for step in steps)


def delete(rows: QuerySet[Any], *, until: float) -> int:
    """Delete these rows, and what hangs on them, the smallest keys first; how many they were."""
    model = rows.model

    def delete_batch(keys: Sequence[Any]) -> None:
        model._base_manager.filter(pk__in=keys).only("pk").delete()

    return in_batches(rows, delete_batch, until=until)


def in_batches(rows: QuerySet[Any], act: Callable[[Sequence[Any]], None], *, until: float) -> int:
    """Call `act` with the keys of some rows after the other, locked; how many there were."""
    done, rest = 0, rows.order_by("pk")
    while time.monotonic() < until:
        with transaction.atomic():
            locked = rest.select_for_update(skip_locked=True)
            keys = list(locked.values_list("pk", flat=True)[:BATCH])
            if keys:
                act(keys)
        done += len(keys)
        if len(keys) < BATCH:
            break
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")
    return done


def _run(step: Step, seconds: float) -> int:
    try:
        done = step(time.monotonic() + seconds)
    except Exception as error:  # noqa: BLE001 - each step by itself
        # The text may quote a row.
        facts = {"step": step.__qualname__, "error": type(error).__name__}
        logger.error("a purge failed", extra=facts)
        return 0
    if done:
        logger.info("purged", extra={"step": step.__qualname__, "rows": done})
    return done
