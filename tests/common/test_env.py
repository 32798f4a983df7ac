"""A wrong variable stops the start with one line: the name, what is wrong, an example."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backoffice.common import env
from backoffice.common.env import Environment, WrongVariable

ROOT = Path(__file__).resolve().parents[2]


def key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def production(**changes: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x9" * 30,
        "DATA_KEYS": key(),
        "AUDIT_KEY": key(),
        "DATABASE_URL": "postgresql://app:p@db.example/backoffice",
        "DATABASE_MIGRATION_URL": "postgresql://owner:p@db.example/backoffice",
        "REDIS_URL": "rediss://:p@redis.example/0",
        "PUBLIC_URL": "https://secure.example.com",
        "ALLOWED_HOSTS": "secure.example.com",
        "EMAIL_URL": "submission://u:p@mail.example:587",
        "DEFAULT_FROM_EMAIL": "a@example.com",
        **changes,
    }


def start(**changes: str) -> "subprocess.CompletedProcess[str]":
    """A process of our own that does nothing but read the settings."""
    variables = {name: value for name, value in production(**changes).items() if value}
    return subprocess.run(
        [sys.executable, "-c", "import backoffice.settings"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_complete_environment_starts() -> None:
    result = start()
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 60}, "SECRET_KEY"),
        ({"DATA_KEYS": ""}, "DATA_KEYS"),
        ({"DATA_KEYS": "c2hvcnQ="}, "DATA_KEYS"),
        ({"DATA_KEYS": "A" * 43 + "="}, "DATA_KEYS"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"DATABASE_MIGRATION_URL": ""}, "DATABASE_MIGRATION_URL"),
        ({"REDIS_URL": "http://redis"}, "REDIS_URL"),
        ({"PUBLIC_URL": "secure.example.com"}, "PUBLIC_URL"),
        ({"ALLOWED_HOSTS": "https://secure.example.com"}, "ALLOWED_HOSTS"),
        ({"EMAIL_URL": "pigeon://home"}, "EMAIL_URL"),
        ({"DEFAULT_FROM_EMAIL": "Example Security"}, "DEFAULT_FROM_EMAIL"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS"),
        ({"TWILIO_API_HOSTS": "https://proxy.example"}, "TWILIO_API_HOSTS"),
        ({"TRUSTED_PROXIES": "10.0.0.0/40"}, "TRUSTED_PROXIES"),
        ({"TWILIO_API_URL": "ftp://x"}, "TWILIO_API_URL"),
        ({"VONAGE_API_URL": "ftp://x"}, "VONAGE_API_URL"),
        ({"HTTP_PROVIDER_ALLOWED_HOSTS": "http://kannel"}, "HTTP_PROVIDER_ALLOWED_HOSTS"),
        ({"AUDIT_KEY_FALLBACKS": "c2hvcnQ="}, "AUDIT_KEY_FALLBACKS"),
        ({"AUDIT_HEAD_URL": "http://notary.example/head"}, "AUDIT_HEAD_URL"),
        ({"PORT": "eighty"}, "PORT"),
        ({"HOLDS_TOKEN": "short"}, "HOLDS_TOKEN"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN"),
        ({"METRICS_ALLOWED": "10.0.0.7/8"}, "METRICS_ALLOWED"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere/key"}, "SECRET_KEY_FILE"),
    ],
)
def test_s71_a_wrong_variable_stops_the_start_with_one_line(
    changes: dict[str, str], name: str
) -> None:
    result = start(**changes)
    assert result.returncode == 1
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"Wrong setting: {name} ")
    assert f"Example: {name}=" in lines[0]


def test_the_line_never_quotes_a_secret() -> None:
    result = start(DATA_KEYS="this-is-my-real-but-wrong-key")
    assert "this-is-my-real" not in result.stderr


def test_a_secret_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    reader = Environment({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert reader.secret("SECRET_KEY", example="x") == "from the file"


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    reader = Environment({"SECRET_KEY": "a", "SECRET_KEY_FILE": str(tmp_path)})
    with pytest.raises(WrongVariable, match="choose one"):
        reader.secret("SECRET_KEY", example="x")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_file_without_a_readable_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    reader = Environment({"SECRET_KEY_FILE": str(tmp_path / "key")})
    with pytest.raises(WrongVariable, match="SECRET_KEY_FILE"):
        reader.secret("SECRET_KEY", example="x")


@pytest.mark.parametrize(
    ("parse", "wrong"),
    [
        (env.parse_keys, " , "),
        (env.parse_port, "0"),
        (env.parse_port, "٣"),
        (env.parse_redis_url, "redis:///0"),
        (env.parse_database_url, "postgresql://"),
        (env.parse_hosts, ""),
        (env.parse_places, "kannel:0"),
        (env.parse_places, "kannel:"),
        (env.parse_places, "kannel/sendsms"),
        (env.parse_places, "http://kannel"),
        (env.parse_places, "ann@kannel"),
        (env.parse_places, "[::1"),
    ],
)
def test_values_that_mean_nothing_are_refused(parse: Any, wrong: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(wrong)


def test_places_are_hosts_with_or_without_a_port() -> None:
    places = env.parse_places("Kannel.internal:13013, 10.0.0.7,[::1]:80,")

    assert places == [("kannel.internal", 13013), ("10.0.0.7", None), ("::1", 80)]
    assert env.parse_places("") == []


def test_the_same_key_twice_is_refused() -> None:
    one = key()
    with pytest.raises(ValueError, match="twice"):
        env.parse_keys(f"{one},{one}")


def test_the_socket_of_redis_is_named_as_redis_py_does() -> None:
    assert env.plain_redis_url("redis+socket:///run/valkey.sock") == "unix:///run/valkey.sock"


def test_sqlite_waits_for_the_other_writer() -> None:
    options = env.database("sqlite:////tmp/x.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
