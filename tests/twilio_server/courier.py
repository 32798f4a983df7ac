"""A few threads that run timed jobs: the lives of messages, step by step."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from time import monotonic

# A job runs until it yields the seconds it wants to rest, again and again until it returns. Its
# steps never overlap, so the callbacks of one message stay in order.
Job = Iterator[float]


class Courier:
    def __init__(self, workers: int = 4) -> None:
        self._waiting: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._running = 0
        self._expected = 0
        self._closed = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"twilio-courier-{number}")
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, job: Job, *, after: float = 0.0) -> None:
        """Run the job `after` so many seconds; one that comes after close() is dropped."""
        with self._changed:
            self._push(job, after)

    def expect(self, job: Job) -> Callable[[], None]:
        """Hold the courier for busy from now on; what is returned starts the job, once."""

        def start() -> None:
            with self._changed:
                self._expected -= 1
                self._push(job, 0.0)

        with self._changed:
            self._expected += 1
        return start

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until no job runs, rests or is expected; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout)

    def forget(self, timeout: float) -> bool:
        """Drop the jobs that rest, and wait for those that run to finish their step."""
        with self._changed:
            self._waiting.clear()
            return self._changed.wait_for(lambda: not self._running, timeout)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _is_idle(self) -> bool:
        return not (self._waiting or self._running or self._expected)

    def _push(self, job: Job, seconds: float) -> None:
        if not self._closed:
            heapq.heappush(self._waiting, (monotonic() + seconds, next(self._order), job))
            self._changed.notify_all()

    def _work(self) -> None:
        while (job := self._take()) is not None:
            rest = None
            try:
                rest = next(job, None)
            finally:
                with self._changed:
                    self._running -= 1
                    if rest is not None:
                        self._push(job, rest)
                    self._changed.notify_all()

    def _take(self) -> Job | None:
        with self._changed:
            while not self._closed:
                rest = self._waiting[0][0] - monotonic() if self._waiting else None
                if rest is not None and rest <= 0:
                    self._running += 1
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(rest)
            return None
