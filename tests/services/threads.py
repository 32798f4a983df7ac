"""Several threads at the same instant, each with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def connect(barrier: threading.Barrier) -> None:
    """Connects before the start, which takes longer than what is raced for."""
    try:
        connections["default"].ensure_connection()
    except Exception:
        barrier.abort()  # the others would wait in vain
        raise
    barrier.wait()


def run_together(
    number: int, function: Callable[[int], T], *, within: float = 60.0
) -> list[T | Exception]:
    """Calls `function(0)` … `function(number - 1)` in as many threads, let go by one barrier.

    Gives the results in that order, or the exception a call raised. The test needs
    `transactional_db`, since another connection sees committed rows only."""
    barrier = threading.Barrier(number, timeout=within)

    def run(index: int) -> T | Exception:
        try:
            connect(barrier)
            return function(index)
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number, thread_name_prefix="together") as pool:
        futures = [pool.submit(run, index) for index in range(number)]
        return [future.result(within) for future in futures]
