"""Loaded by `-p tests.services.plugin` (pyproject.toml), before Django's settings are read."""

import gc

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


def marks(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()}


@pytest.hookimpl(trylast=True)  # after pytest-randomly
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for processes first: beside one that waits, another worker computes."""
    waiting = {item.path for item in items if not WAITING.isdisjoint(marks(item))}
    items.sort(key=lambda item: item.path not in waiting)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not go through it each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    session.close()
