"""Loaded by `-p tests.services.plugin` (pyproject.toml), before Django's settings are read."""

import gc
from itertools import chain, zip_longest
from pathlib import Path

import pytest

from tests.services import session

session.set_environment()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """No test reaches the internet, unless asked for on the command line (pytest-socket)."""
    if not config.option.allow_hosts:
        config.option.allow_hosts = "127.0.0.1,::1,localhost"
        config.option.allow_unix_socket = True


WAITING = frozenset({"faults", "slow", "browser"})


def waits(file: list[pytest.Item]) -> bool:
    return any(mark.name in WAITING for item in file for mark in item.iter_markers())


@pytest.hookimpl(trylast=True)  # after pytest-randomly
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for processes are in the first half, each before one that computes: workers
    get them in turn, and none that is long is left for the end."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [file for file in files.values() if waits(file)]
    others = [file for file in files.values() if not waits(file)]
    in_turn = chain.from_iterable(zip_longest(waiting, others, fillvalue=()))
    items[:] = chain.from_iterable(in_turn)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not go through it each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    session.close()
