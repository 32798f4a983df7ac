"""One thread that cuts off calls at their deadlines.

A timer for each call would be a thread for each: 0.2 ms of processor time and, in a worker with
many busy threads, two more waits for the interpreter before a byte leaves.
"""

import heapq
import os
import threading
from itertools import count
from typing import Protocol

from smsproviders.contract import Deadline


class Cuttable(Protocol):
    deadline: Deadline

    @property
    def is_over(self) -> bool: ...

    def cut(self) -> None:
        """At the deadline, in the watching thread; of no effect when the call is over."""


class Watch:
    """Cuts off what is not over at its deadline. A process needs one; its thread starts late."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: list[tuple[float, int, Cuttable]] = []
        self._numbers = count()  # no two entries are equal, so calls are never compared
        self._thread: threading.Thread | None = None

    def over(self, call: Cuttable) -> None:
        """The thread is woken only for a deadline before all others: calls have equal time."""
        entry = (call.deadline.at, next(self._numbers), call)
        with self._changed:
            heapq.heappush(self._calls, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._calls[0] is entry:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            self._next_due().cut()

    def _next_due(self) -> Cuttable:
        with self._changed:
            while True:
                # Those that ended in time are dropped here, some seconds later and many at once.
                while self._calls and self._calls[0][2].is_over:
                    heapq.heappop(self._calls)
                left = self._calls[0][2].deadline.left() if self._calls else None
                if left == 0:
                    return heapq.heappop(self._calls)[2]
                self._changed.wait(left)


watch = Watch()


# A child process has none of its parent's threads.
def _after_fork() -> None:
    global watch
    watch = Watch()


os.register_at_fork(after_in_child=_after_fork)
