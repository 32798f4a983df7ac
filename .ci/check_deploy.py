"""`manage.py check --deploy` with the environment of a real installation. Connects to nothing."""

import base64
import os
import secrets
import sys


def random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


DATABASE = "db.example.com:5432/backoffice?sslmode=verify-full&sslrootcert=system"
ENVIRONMENT = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DATA_KEYS": random_key(),
    "AUDIT_KEY": random_key(),
    "DATABASE_URL": f"postgresql://backoffice:secret@{DATABASE}",
    "DATABASE_MIGRATION_URL": f"postgresql://backoffice_owner:secret@{DATABASE}",
    "REDIS_URL": "rediss://:secret@redis.example.com:6379/0",
    "PUBLIC_URL": "https://secure.example.com",
    "ALLOWED_HOSTS": "secure.example.com",
    "EMAIL_URL": "submission://user:secret@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "security@example.com",
}
COMMAND = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

if __name__ == "__main__":
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    os.execve(sys.executable, COMMAND, {**inherited, **ENVIRONMENT})  # noqa: S606
