"""What the settings fall back to with DEBUG, so that a newcomer edits no file.

Secrets are made at random at the first start and kept under `var/`; nothing here is a default that
could reach production.
"""

import base64
import hashlib
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Defaults:
    """None: the variable must be given."""

    secret_key: str | None = None
    data_keys: str | None = None
    database_url: str | None = None
    redis_url: str | None = None
    public_url: str | None = None
    allowed_hosts: str | None = None
    email_url: str | None = None


NONE = Defaults()


def for_development(folder: Path, *, port: int) -> Defaults:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        return Defaults(
            secret_key=_kept(folder / "secret-key", secrets.token_urlsafe(50)),
            data_keys=_kept(folder / "data-keys", _random_key()),
            database_url=f"sqlite:///{folder / 'backoffice.sqlite3'}",
            redis_url=_embedded_broker(folder),
            public_url=f"http://127.0.0.1:{port}",
            allowed_hosts="127.0.0.1,localhost,[::1]",
            email_url="console:",
        )
    except OSError as error:
        raise SystemExit(
            f"The folder {folder} cannot be written ({error.strerror}): it keeps the development "
            "data. Make it writable, or clone the project to a folder of your own."
        ) from None


def audit_key(data_keys: list[bytes]) -> str:
    """From the oldest data key: a newer one in front of it changes nothing."""
    derived = hashlib.blake2b(b"audit key", key=data_keys[-1], digest_size=32, person=b"backoffice")
    return base64.urlsafe_b64encode(derived.digest()).decode()


def email_backend(parsed: str, *, debug: bool) -> str:
    """`EMAIL_URL=console:` is read by a person while developing, by a machine otherwise."""
    is_console = parsed == "django.core.mail.backends.console.EmailBackend"
    return "backoffice.development.console_mail.EmailBackend" if debug and is_console else parsed


def static_storage(*, debug: bool, root: Path) -> str:
    """Hashed names while `collectstatic` runs, and once it has: they are known by what it writes.

    Plain ones while developing and testing.
    """
    is_collecting = sys.argv[1:2] == ["collectstatic"]
    if debug or not (is_collecting or (root / "staticfiles.json").is_file()):
        return "django.contrib.staticfiles.storage.StaticFilesStorage"
    return "whitenoise.storage.CompressedManifestStaticFilesStorage"


def _embedded_broker(folder: Path) -> str:
    """The address that `manage.py dev` wrote down for the Valkey it started."""
    note = folder / "redis.url"
    if note.is_file():
        return note.read_text(encoding="utf-8").strip()
    return f"redis+socket://{folder / 'valkey.sock'}"


def _random_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _kept(path: Path, fresh: str) -> str:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(fresh)
    return path.read_text(encoding="utf-8").strip()
