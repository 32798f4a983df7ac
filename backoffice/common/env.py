"""Settings from the environment: each variable is read once, checked, and explained when wrong."""

import base64
import binascii
import ipaddress
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url

T = TypeVar("T")

KEY_BYTES = 32
KEY_EXAMPLE = (
    "$(python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')"
)


class WrongVariable(Exception):
    """One line for whoever starts the process: the variable, what is wrong, an example."""

    def __init__(self, name: str, problem: str, example: str) -> None:
        super().__init__(f"{name} {problem}. Example: {name}={example}")


def stop(error: WrongVariable) -> NoReturn:
    """End the start of any process (web, worker, command) with the one line, no traceback."""
    raise SystemExit(f"Wrong setting: {error}")


class Environment:
    """Typed reading of variables; a secret may also come from the file that NAME_FILE names."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, *, default: str | None = None, example: str) -> str:
        value = self._variables.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise WrongVariable(name, "is missing", example)
        return default

    def secret(self, name: str, *, default: str | None = None, example: str) -> str:
        path = self._variables.get(f"{name}_FILE", "").strip()
        if not path:
            return self.text(name, default=default, example=example)
        if self._variables.get(name, "").strip():
            raise WrongVariable(name, f"is set, and {name}_FILE too: choose one", example)
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise WrongVariable(
                f"{name}_FILE", f"cannot be read ({path}: {reason})", f"/run/secrets/{name.lower()}"
            ) from None
        if not value:
            raise WrongVariable(f"{name}_FILE", f"names an empty file ({path})", path)
        return value

    def parsed(
        self, name: str, parse: Callable[[str], T], *, default: str | None = None, example: str
    ) -> T:
        """Read text and turn it into something; `parse` raises ValueError with the reason."""
        value = self.text(name, default=default, example=example)
        try:
            return parse(value)
        except ValueError as error:
            raise WrongVariable(name, f"is wrong: {error}", example) from None

    def secret_parsed(
        self, name: str, parse: Callable[[str], T], *, default: str | None = None, example: str
    ) -> T:
        """Like `parsed`, for a secret; the reason never quotes the value."""
        value = self.secret(name, default=default, example=example)
        try:
            return parse(value)
        except ValueError as error:
            raise WrongVariable(name, f"is wrong: {error}", example) from None

    def flag(self, name: str) -> bool:
        return self.parsed(name, parse_flag, default="0", example="1")

    def choice(self, name: str, choices: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default=default, example=default)
        if value not in choices:
            raise WrongVariable(name, f"must be one of {', '.join(choices)}", default)
        return value


def parse_flag(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("say 1 or 0")


def parse_list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def parse_port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise ValueError("a port is a number from 1 to 65535")
    return int(value)


def parse_networks(value: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(part) for part in parse_list(value)]


def parse_url(*schemes: str) -> Callable[[str], str]:
    """An absolute URL of one of the schemes with a host; the closing slash is dropped."""

    def parse(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"it must be an address that begins with {' or '.join(schemes)}://")
        if parts.port == 0:
            raise ValueError("port 0 is no port")
        return value.rstrip("/")

    return parse


def parse_optional_url(*schemes: str) -> Callable[[str], str]:
    parse = parse_url(*schemes)
    return lambda value: parse(value) if value else ""


def parse_head_url(value: str) -> str:
    """`file:` with an absolute path, or `https:`; "" for none."""
    parts = urlsplit(value)
    is_file = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if is_file and not parts.path.endswith("/"):
        return value
    if value and (parts.scheme != "https" or not parts.hostname):
        raise ValueError("it must begin with https://, or with file:/// and a whole path")
    return value


def parse_hosts(value: str) -> list[str]:
    hosts = parse_list(value)
    if not hosts:
        raise ValueError("it names no host")
    if any("/" in host or ":" in host.strip("[]") for host in hosts if "[" not in host):
        raise ValueError("host names only, without scheme, port or path")
    return hosts


def parse_optional_hosts(value: str) -> list[str]:
    return parse_hosts(value) if value else []


def parse_sender(value: str) -> str:
    """One mailbox, with or without a name before it."""
    _, address = parseaddr(value)
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError("it must be an e-mail address, with or without a name before it")
    return value


def parse_signing_keys(value: str) -> list[str]:
    keys = parse_list(value)
    if any(len(key) < 32 for key in keys):
        raise ValueError("each key has 32 characters and more")
    return keys


def parse_places(value: str) -> list[tuple[str, int | None]]:
    """Hosts, each with a port or, for every port of it, without: `kannel.internal:13013, [::1]`."""
    return [_place(part) for part in parse_list(value)]


def _place(text: str) -> tuple[str, int | None]:
    problem = ValueError(f"{text!r} is no host or host:port, without scheme and path")
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        raise problem from None
    rest = (parts.path, parts.query, parts.fragment, parts.username)
    if not parts.hostname or port == 0 or any(rest) or text.endswith(":"):
        raise problem
    return parts.hostname.lower(), port


def parse_database_url(value: str) -> str:
    """PostgreSQL, or SQLite for development: checked here, so that the error names the variable."""
    scheme = urlsplit(value).scheme
    if scheme not in {"postgresql", "postgres", "sqlite"}:
        raise ValueError("it must begin with postgresql:// (or sqlite:/// for development)")
    if not dj_database_url.parse(value).get("NAME"):
        raise ValueError("it names no database")
    return value


def parse_redis_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return value
    if parts.scheme == "redis+socket" and parts.path:
        return value
    raise ValueError("it must be redis://host, rediss://host or redis+socket:///path")


def broker_tls(url: str) -> dict[str, Any] | None:
    """How Celery meets a broker by `rediss://`: left alone, kombu takes any certificate.

    Options in the address (`?ssl_ca_certs=…`) take the place of these, and verify as well.
    """
    if urlsplit(url).scheme != "rediss":
        return None
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}


def plain_redis_url(value: str) -> str:
    """The same address as redis-py names it: kombu's `redis+socket://` is its `unix://`."""
    return value.replace("redis+socket://", "unix://", 1)


def parse_email_url(value: str) -> str:
    try:
        backend = dj_email_url.parse(value).get("EMAIL_BACKEND")
    except KeyError:
        backend = None
    if not backend:
        raise ValueError("no such kind of e-mail service")
    return value


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many seconds PostgreSQL gives up on us; 0: never.

    `statement`: one statement, with what it waits for; `lock`: waiting for one lock; `idle`: a
    transaction in which nothing happens, whose locks others wait for.
    """

    statement: float
    lock: float
    idle: float

    @property
    def options(self) -> str:
        """As a connection takes them at its start; "" for no limit at all."""
        named = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
        }
        return " ".join(
            f"-c {name}={round(seconds * 1000)}" for name, seconds in named.items() if seconds
        )


ENDLESS = Patience(statement=0, lock=0, idle=0)


def parse_seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise ValueError("it must be a number of seconds from 0 to 3600; 0 means no limit")
    return seconds


def database(url: str, patience: Patience = ENDLESS) -> dict[str, Any]:
    """The connection's settings, with those that our rules depend on."""
    parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    options: dict[str, Any] = parsed.setdefault("OPTIONS", {})
    if parsed["ENGINE"].endswith("sqlite3"):
        # WAL and IMMEDIATE: a writer waits for the other instead of failing half-way.
        options.update(
            timeout=20,
            transaction_mode="IMMEDIATE",
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        )
    else:
        parsed["CONN_HEALTH_CHECKS"] = True
        options.setdefault("connect_timeout", 3)
        # A server that vanished without a word must not hold a thread for a quarter of an hour.
        options.setdefault("tcp_user_timeout", 10_000)
        # Those of the address come last, so that they win.
        limits = f"{patience.options} {options.get('options', '')}".strip()
        if limits:
            options["options"] = limits
    return parsed


def parse_token(value: str) -> str:
    """A secret that another system sends us; "" when there is none."""
    if value and (len(value) < 32 or not value.isascii() or " " in value):
        raise ValueError("it must have 32 characters and more, without spaces")
    return value


def parse_key(value: str) -> bytes:
    """A key: 32 bytes as URL-safe base64, as `secrets` makes them."""
    try:
        key = base64.b64decode(value.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("a key is 32 bytes in URL-safe base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is 32 bytes in URL-safe base64; this one has {len(key)}")
    if len(set(key)) < 8:
        raise ValueError("this key is no random value")
    return key


def parse_keys(value: str) -> list[bytes]:
    keys = [parse_key(part) for part in parse_list(value)]
    if not keys:
        raise ValueError("it holds no key")
    if len(set(keys)) != len(keys):
        raise ValueError("the same key stands in it twice")
    return keys


def parse_optional_keys(value: str) -> list[bytes]:
    return parse_keys(value) if value else []
