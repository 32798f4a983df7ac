"""Loaded by `-p tests.services.plugin` (pyproject.toml), before Django's settings are read."""

import pytest

from tests.services import session

session.set_environment()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """No test reaches the internet, unless asked for on the command line (pytest-socket)."""
    if not config.option.allow_hosts:
        config.option.allow_hosts = "127.0.0.1,::1,localhost"
        config.option.allow_unix_socket = True


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    session.close()
