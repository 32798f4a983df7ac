"""`check --deploy`: what an installation must be like before it may meet the world."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import CheckMessage

from backoffice import checks
from backoffice.common import env
from tests.services.workers import ROOT

TLS = "db.example/backoffice?sslmode=verify-full"


def ids(found: list[CheckMessage]) -> list[str]:
    return [str(message.id) for message in found]


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        ("rediss://:p@redis.example/0", []),
        ("rediss://user:p@redis.example/0?ssl_ca_certs=/etc/ca.pem", []),
        ("redis+socket:///run/valkey/socket", []),
        ("redis://:p@127.0.0.1/0", []),
        ("redis://:p@redis.example/0", ["backoffice.E001"]),
        ("rediss://:p@redis.example/0?ssl_cert_reqs=none", ["backoffice.E002"]),
        ("rediss://redis.example/0", ["backoffice.E003"]),
        ("redis://localhost/0", ["backoffice.E003"]),
        ("redis://redis.example/0", ["backoffice.E001", "backoffice.E003"]),
    ],
)
def test_s75_the_broker_must_be_authenticated_and_encrypted(
    settings: Any, url: str, problems: list[str]
) -> None:
    settings.REDIS_URL = url
    assert ids(checks.broker_is_safe(None)) == problems


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        (f"postgresql://app:p@{TLS}", []),
        ("postgresql://app:p@db.example/backoffice?sslmode=require", []),
        ("postgresql://app@db.example/b?sslmode=verify-full&sslcert=c.pem&sslkey=k.pem", []),
        ("postgresql://app:p@127.0.0.1/backoffice", []),
        ("postgresql://app@%2Frun%2Fpostgresql/backoffice", []),
        ("postgresql://app:p@db.example/backoffice", ["backoffice.E005"]),
        ("postgresql://app:p@db.example/backoffice?sslmode=prefer", ["backoffice.E005"]),
        (f"postgresql://app@{TLS}", ["backoffice.E006"]),
        ("sqlite:////srv/db.sqlite3", ["backoffice.E004"]),
    ],
)
def test_s75_the_database_must_be_authenticated_and_encrypted(
    settings: Any, url: str, problems: list[str]
) -> None:
    settings.DATABASE_APPLICATION = env.database(url)
    settings.DATABASE_OWNER = env.database(f"postgresql://owner:p@{TLS}")
    assert ids(checks.database_is_safe(None)) == problems
    settings.DATABASE_OWNER = settings.DATABASE_APPLICATION
    assert ids(checks.database_is_safe(None)) == 2 * problems


def test_a_missing_proxy_is_mentioned(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.TRUSTED_PROXIES = True, []
    assert ids(checks.a_proxy_is_named(None)) == ["backoffice.I001"]
    settings.SECURE_SSL_REDIRECT = False
    assert checks.a_proxy_is_named(None) == []


def test_s81_production_settings_pass_every_check() -> None:
    command = [sys.executable, ".ci/check_deploy.py"]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
