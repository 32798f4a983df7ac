"""The product's parts as real processes: what is measured here is what would run in production.

PostgreSQL writes to the disk at each commit, as it must, unlike in the tests.
"""

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from smsproviders.models import SmsProvider
from tests.benchmarks.provider import Provider
from tests.services import postgres, pristine, session
from tests.services.web import Site
from tests.services.workers import CeleryProcess, CeleryProcesses
from tests.twilio_server import Behaviour, ok

# As BENCH asks of every product compared: two processes, one request each at a time.
GUNICORN = ("--workers", "2")
_TEST_ONLY = {"fsync", "synchronous_commit", "full_page_writes"}
DURABLE = {name: value for name, value in postgres.SETTINGS.items() if name not in _TEST_ONLY}

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Parts:
    provider: Provider
    broker: "redis.Redis"
    # None: a server that somebody else runs (TEST_DATABASE_URL).
    postgres_pid: int | None

    @contextmanager
    def product(
        self,
        behaviour: Behaviour | None = None,
        *,
        partner: Behaviour | None = None,
        **variables: str,
    ) -> Iterator["Product"]:
        """The product on a new database; nothing that was measured before is left in it.

        `partner`: how a second provider behaves, which then is there, after the first.
        """
        self.broker.flushdb()
        self.provider.begin(behaviour or ok(), partner)
        pristine.restore(connection)
        _add_provider(self.provider)
        if partner:
            _add_partner(self.provider)
        folder = session.folder(f"product{next(_numbers)}")
        celery = CeleryProcesses(session.leash(), folder)
        addresses = {
            "TWILIO_API_URL": self.provider.url,
            "VONAGE_API_URL": self.provider.partner_url,
        }
        site = Site(session.leash(), folder, gunicorn=GUNICORN, **addresses, **variables)
        try:
            yield Product(site, celery)
        finally:
            celery.end()
            site.close()


@dataclass(frozen=True, slots=True)
class Product:
    site: Site
    celery: CeleryProcesses

    def worker(self, threads: int) -> CeleryProcess:
        return self.celery.worker(threads=threads, wait=True, **self.site.variables)

    def beat(self) -> None:
        self.celery.beat(wait=True, **self.site.variables)


@contextmanager
def running_parts() -> Iterator[Parts]:
    """The servers, an empty database on them, and the provider."""
    with ExitStack() as stack:
        pid = _start_postgres()
        session.start_valkey()
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        stack.callback(connection.creation.destroy_test_db, str(name), verbosity=0)
        pristine.remember(connection)
        broker = redis.Redis.from_url(str(settings.CACHES["default"]["LOCATION"]))
        stack.callback(broker.close)
        yield Parts(stack.enter_context(Provider()), broker, pid)


def change_settings(**values: str) -> None:
    """As in System > Settings."""
    changes = [f"{key}={value}" for key, value in values.items()]
    call_command("system_settings", *changes, stdout=io.StringIO())


def _start_postgres() -> int | None:
    if "TEST_DATABASE_URL" in os.environ:
        return None
    server = postgres.Postgres(session.leash(), session.folder("postgres"), settings=DURABLE)
    server.start()
    return server.pid


def _add_partner(provider: Provider) -> None:
    """With a rate of its own: Vonage's is 30 messages a second."""
    account = provider.partner_account
    call_command(
        "add_sms_provider", "vonage", "--caption", "Vonage", "--priority", "20",
        "--set", f"api_key={account.api_key}", "--set", f"api_secret={account.api_secret}",
        "--sender", "+447700900001",
        stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
    SmsProvider.objects.filter(backend="vonage").update(messages_per_second=1000)


def _add_provider(provider: Provider) -> None:
    account = provider.account
    call_command(
        "add_sms_provider", "twilio", "--caption", "Twilio",
        "--set", f"account_sid={account.sid}", "--set", f"auth_token={account.auth_token}",
        "--set", f"from_number={account.numbers[0]}",
        stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
