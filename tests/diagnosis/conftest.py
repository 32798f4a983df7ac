"""Fixtures of the scenario suite, and the table that `make diagnosis-report` makes of it."""

import itertools
import secrets
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
import time_machine
from pytest_django.fixtures import Settings

from backoffice.common import identifiers
from smsproviders import answer_clock, clock_watch, templating
from tests.diagnosis import report
from tests.diagnosis.world import PUBLIC_URL, World
from tests.smsproviders.conftest import (  # noqa: F401 - fixtures
    _no_backend_outlives_its_test,
    gateway,
    gateway_process,
    http_settings,
    make_http_provider,
    make_twilio_provider,
    make_vonage_provider,
    twilio,
    twilio_credentials,
    twilio_process,
    vonage,
    vonage_process,
)
from tests.twofa.conftest import (  # noqa: F401 - fixtures
    _settings_are_read_anew,
)

STEP = 30


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--diagnosis-report", metavar="FILE", help="write the table of accuracy there")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if path := terminalreporter.config.getoption("diagnosis_report", None):
        report.write(path)
        terminalreporter.write_line(report.summary())


@pytest.fixture
def world(
    request: pytest.FixtureRequest,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    db: None,
) -> Iterator[World]:
    """Its clock stands still, five seconds into a time step of authenticators, until moved."""
    settings.PUBLIC_URL = PUBLIC_URL
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(clock_watch._Kept, "at", -clock_watch.EVERY_SECONDS)
    answer_clock.take()
    templating.forget()
    begin = time.time() // STEP * STEP + 5
    count = itertools.count()

    def by_the_clock() -> UUID:
        """In their order, though the clock stands; the real ones know nothing of a moved clock."""
        ordered = (next(count) << 30) | secrets.randbits(30)
        milliseconds = int(time.time() * 1000)
        return UUID(int=(milliseconds << 80) | (0x7 << 76) | (0b10 << 62) | ordered)

    with time_machine.travel(begin, tick=False) as clock:
        monkeypatch.setattr(identifiers, "_uuid7", by_the_clock)
        yield World(request, clock)
