"""The whole product as real processes: web, workers and beat, against the strict Twilio server."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from backoffice.development.leash import Leash
from clients.models import User
from tests.services.browser import Visitors
from tests.services.waiting import wait_until
from tests.services.web import Page, Site, Visitor
from tests.services.workers import CeleryProcess, CeleryProcesses
from tests.twilio_server import TwilioServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PASSWORD = "correct horse battery"
CLIENT, OPERATOR = "ann@example.com", "olga@example.com"
NUMBER = "+33612345678"
CODE = re.compile(r"^(\d{6}) is your ")


def command(*arguments: str, stdin: str = "") -> str:
    """Run a command as a script would; its standard output."""
    out, before = io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(stdin)
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO())
    finally:
        sys.stdin = before
    return out.getvalue()


@dataclass
class Product:
    """What a test needs of the running product."""

    site: Site
    twilio: TwilioServer
    worker: CeleryProcess

    def visitor(self) -> Visitor:
        return self.site.visitor()

    def code(self, number: int = 1, *, to: str = NUMBER, within: float = 20.0) -> str:
        """The code in the newest message to that number, once so many were sent to it."""

        def bodies() -> list[str]:
            sent = [message.body for message in self.twilio.messages if message.to == to]
            return sent if len(sent) >= number else []

        (*_, newest) = wait_until(bodies, within=within)
        match = CODE.match(newest)
        assert match, newest
        return match[1]

    def letters(self, to: str, number: int = 1) -> list[str]:
        """Subjects of the e-mails to somebody, once there are so many."""

        def subjects() -> list[str]:
            found = [str(mail["Subject"]) for mail in self.site.mail() if mail["To"] == to]
            return found if len(found) >= number else []

        return wait_until(subjects, within=20)


class Processes:
    """Web, worker and beat, side by side, talking to the Twilio server."""

    def __init__(self, leash: Leash, folder: Path, twilio: TwilioServer, **variables: str) -> None:
        self._celery = CeleryProcesses(leash, folder)
        self.site = Site(leash, folder, TWILIO_API_URL=twilio.url, **variables)
        self.worker = self._celery.worker(threads=8, **self.site.variables)
        self._celery.beat(**self.site.variables)

    def forget_letters(self) -> None:
        for letter in self.site.letters.iterdir():
            letter.unlink()

    def end(self) -> None:
        self._celery.end()
        self.site.close()


@pytest.fixture(scope="session")
def twilio_process() -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        yield server


@pytest.fixture
def twilio(twilio_process: TwilioServer) -> Iterator[TwilioServer]:
    yield twilio_process
    try:
        twilio_process.assert_no_violations()
    finally:
        twilio_process.reset()


@pytest.fixture(scope="module")
def processes(
    django_db_setup: None,
    broker: object,
    leash: Leash,
    tmp_path_factory: pytest.TempPathFactory,
    twilio_process: TwilioServer,
) -> Iterator[Processes]:
    """One set for a module's stories: starting it takes as long as a story.

    Not for the session: its worker and beat would take the messages of other tests in hand.
    """
    started = Processes(leash, tmp_path_factory.mktemp("product"), twilio_process)
    yield started
    started.end()


@pytest.fixture
def product(transactional_db: None, processes: Processes, twilio: TwilioServer) -> Product:
    processes.forget_letters()
    add_twilio(twilio)
    return Product(processes.site, twilio, processes.worker)


@pytest.fixture
def make_product(
    transactional_db: None, leash: Leash, tmp_path: Path, twilio: TwilioServer
) -> Iterator[Callable[..., Product]]:
    """A set of the test's own, to be killed; keyword arguments are variables of its environment."""
    started: list[Processes] = []

    def start(**variables: str) -> Product:
        own = Processes(leash, tmp_path, twilio, **variables)
        started.append(own)
        add_twilio(twilio)
        return Product(own.site, twilio, own.worker)

    yield start
    for own in started:
        own.end()


def add_twilio(twilio: TwilioServer) -> None:
    account = twilio.account
    command(
        "add_sms_provider", "twilio", "--caption", "Twilio",
        "--set", f"account_sid={account.sid}", "--set-stdin", "auth_token",
        "--set", f"from_number={account.numbers[0]}",
        stdin=f"{account.auth_token}\n",
    )  # fmt: skip


@pytest.fixture
def client_account(transactional_db: None) -> User:
    command("add_client", CLIENT, "--phone", NUMBER, "--password-stdin", stdin=f"{PASSWORD}\n")
    return User.objects.get(email=CLIENT)


@pytest.fixture
def operator_account(transactional_db: None) -> User:
    command(
        "add_operator", OPERATOR, "--group", "Security desk", "--password-stdin",
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    return User.objects.get(email=OPERATOR)


def enable_sms(product: Product, visitor: Visitor, *, number: str = NUMBER) -> Page:
    """As a client does it, signed in and with the password given just now."""
    before = sum(message.to == number for message in product.twilio.messages)
    visitor.get("/security/sms/")
    visitor.post("/security/sms/", phone=number)
    return visitor.post("/security/sms/", code=product.code(before + 1, to=number))


@pytest.fixture
def windows(product: Product, browser: "Browser") -> Iterator[Visitors]:
    """Browser windows on the running product; no console may complain, of CSP least of all."""
    visitors = Visitors(browser, product.site.url)
    yield visitors
    visitors.close()
    assert visitors.errors == []
