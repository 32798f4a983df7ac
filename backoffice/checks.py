"""Deploy checks of what the product stands on: broker and database, reached over a network.

Who can write into the broker can make a worker run any of our tasks, and who reads the wire to the
database reads names and numbers. A Unix socket or a loopback address never leaves the machine, so
that needs no encryption; a socket's files have an owner, so that it needs no password either.
"""

import ipaddress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register

# libpq encrypts by "allow" and "prefer" too, but only when the server happens to agree.
ENCRYPTING = frozenset({"require", "verify-ca", "verify-full"})
DATABASES = (("DATABASE_URL", "DATABASE_APPLICATION"), ("DATABASE_MIGRATION_URL", "DATABASE_OWNER"))
VERIFIED = "rediss:// without ssl_cert_reqs verifies the server's certificate."


@register(Tags.security, deploy=True)
def broker_is_safe(app_configs: Any, **_: Any) -> list[CheckMessage]:
    url = urlsplit(settings.REDIS_URL)
    if url.scheme == "redis+socket":
        return []
    found: list[CheckMessage] = []
    if url.scheme != "rediss" and not _is_this_machine(url.hostname):
        hint = f"Write rediss:// instead of redis://. {VERIFIED}"
        found.append(Error("REDIS_URL is not encrypted.", hint=hint, id="backoffice.E001"))
    if parse_qs(url.query).get("ssl_cert_reqs", ["required"])[-1].lower() not in {
        "required",
        "cert_required",
    }:
        message = "REDIS_URL takes any certificate, also that of somebody in between."
        found.append(Error(message, hint=VERIFIED, id="backoffice.E002"))
    if not url.password:
        hint = "Set requirepass, or a user with a password, and name it: rediss://:password@host."
        found.append(Error("REDIS_URL has no password.", hint=hint, id="backoffice.E003"))
    return found


@register(Tags.security, deploy=True)
def database_is_safe(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return [
        problem
        for variable, name in DATABASES
        for problem in _problems_of(variable, getattr(settings, name))
    ]


@register(Tags.security, deploy=True)
def a_proxy_is_named(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if settings.TRUSTED_PROXIES or not settings.SECURE_SSL_REDIRECT:
        return []
    hint = (
        "Behind a proxy that ends TLS every request would be redirected to https again and again: "
        "name the proxy's network."
    )
    return [Info("TRUSTED_PROXIES is empty.", hint=hint, id="backoffice.I001")]


def _problems_of(variable: str, database: dict[str, Any]) -> list[CheckMessage]:
    if not database["ENGINE"].endswith("postgresql"):
        message = f"{variable} names SQLite, which is for development only."
        return [Error(message, hint="Use PostgreSQL.", id="backoffice.E004")]
    host, options = str(database.get("HOST") or ""), database.get("OPTIONS", {})
    if not host or host.startswith("/"):
        return []
    found: list[CheckMessage] = []
    if options.get("sslmode") not in ENCRYPTING and not _is_this_machine(host):
        hint = "Add ?sslmode=verify-full, and sslrootcert=… for an authority of your own."
        found.append(Error(f"{variable} is not encrypted.", hint=hint, id="backoffice.E005"))
    if not database.get("PASSWORD") and not options.keys() & {"sslcert", "passfile", "service"}:
        hint = "Name the role's password, or a client certificate (sslcert=…&sslkey=…)."
        found.append(Error(f"{variable} has no password.", hint=hint, id="backoffice.E006"))
    return found


def _is_this_machine(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
