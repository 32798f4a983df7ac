"""The services of this test session: started when needed, gone when pytest is, even if killed.

The environment is set when pytest loads its plugins, before Django's settings are read; the servers
come later. So their addresses, sockets in one temporary folder, are decided before they exist."""

import base64
import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services import postgres

if TYPE_CHECKING:
    from backoffice.development.leash import Leash

FOLDER = Path(tempfile.gettempdir()).resolve() / f"bo-{os.getpid()}-{time.time_ns() % 10**6:06d}"
"""Short: the path of a socket has about 107 bytes. Made by `leash()`."""

REMOVED = (
    "DEBUG",
    "PORT",
    "TWILIO_API_URL",
    "VONAGE_API_URL",
    "HTTP_PROVIDER_ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "AUDIT_HEAD_URL",
    "AUDIT_KEY_FALLBACKS",
    "LOG_LEVEL",
)


def _key(first: int) -> str:
    return base64.urlsafe_b64encode(bytes(range(first, first + 32))).decode()


def environment() -> dict[str, str]:
    """What every process of the tests runs with, unless a test says otherwise."""
    database = os.environ.get("TEST_DATABASE_URL") or postgres.url(FOLDER / "postgres")
    return {
        "DATABASE_URL": database,
        "DATABASE_MIGRATION_URL": database,
        "REDIS_URL": os.environ.get("TEST_REDIS_URL") or f"redis+socket://{FOLDER}/valkey/socket",
        "SECRET_KEY": "tests-only-" + "k" * 40,
        "DATA_KEYS": _key(0),
        "AUDIT_KEY": _key(32),
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "*",
        "EMAIL_URL": "memory://",
        "DEFAULT_FROM_EMAIL": "Back Office <no-reply@example.com>",
    }


def set_environment() -> None:
    """A developer's own settings must not leak into the tests, nor the tests write to his data."""
    values = environment()
    for name in (*REMOVED, "SECRET_KEY_FALLBACKS", *values):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(values)


_closers: list[Callable[[], None]] = []


@cache
def leash() -> "Leash":
    """Holds every process that the tests start."""
    from backoffice.development.leash import Leash

    held = Leash()
    _closers.append(held.close)
    return held


@cache
def folder(name: str = "") -> Path:
    """A folder of this session's own; open to `nobody`, as whom PostgreSQL runs for root."""
    if not name:
        FOLDER.mkdir(mode=0o711)
        leash().remove_at_end(FOLDER)
        return FOLDER
    path = folder() / name
    path.mkdir(mode=0o700)
    return path


def start_postgres() -> None:
    own_postgres()


@cache
def own_postgres() -> postgres.Postgres | None:
    """The running server of this session; None: TEST_DATABASE_URL names another."""
    if "TEST_DATABASE_URL" in os.environ:
        return None
    server = postgres.Postgres(leash(), folder("postgres"))
    server.start()
    return server


def restart_postgres() -> None:
    """The test is skipped where the server is not ours to restart."""
    server = own_postgres()
    if server is None:
        pytest.skip("the database server is not ours to restart")
    server.restart()
    from django.db import connections

    # Cut off as well: a later test of this process would be the first to notice.
    connections.close_all()


@cache
def start_valkey() -> None:
    if "TEST_REDIS_URL" not in os.environ:
        from backoffice.development.valkey import Valkey

        Valkey(leash(), folder("valkey")).start()


def close() -> None:
    while _closers:
        _closers.pop()()
