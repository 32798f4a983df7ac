"""Waiting for what another process or thread does, without a fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, within: float = 10.0, every: float = 0.05) -> T:
    """The first true value of `condition`; AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within:g} s; last seen: {value!r}")
        time.sleep(every)
