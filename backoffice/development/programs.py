"""The programs of `manage.py dev`, as an operator of a real installation would start them."""

import sys
from pathlib import Path

from backoffice.development import valkey
from backoffice.development.processes import BROKER, Program

MANAGE = [sys.executable, "manage.py"]
# Quiet: without the banner, and without the warning that root gets, which is for servers.
AS_ROOT = "ignore:You're running the worker"
CELERY = [sys.executable, "-W", AS_ROOT, "-m", "celery", "--quiet", "-A", "backoffice"]
HOST = "127.0.0.1"


def migrate() -> Program:
    """Sixty lines of applied migrations would push out of sight what a newcomer looks for."""
    return Program("migrate", [*MANAGE, "migrate", "--noinput", "--verbosity", "0"])


def seed_demo() -> Program:
    return Program("demo", [*MANAGE, "seed_demo"])


def broker(address: valkey.Address, folder: Path) -> Program:
    command = [*valkey.command(address, folder), "--loglevel", "warning"]
    return Program(BROKER, command, noise=("Memory overcommit", "SIGTERM", "ready to exit"))


def worker() -> Program:
    pool = ["-P", "threads", "-c", "16", "--without-mingle", "--without-gossip"]
    return Program("worker", [*CELERY, "worker", *pool], noise=("Warm shutdown",))


def beat(folder: Path) -> Program:
    schedule = ["--schedule", str(folder / "beat-schedule"), "--pidfile", ""]
    return Program("beat", [*CELERY, "beat", *schedule])


def web(port: int) -> Program:
    """One process, so that a breakpoint or a counter in memory behaves as one expects."""
    server = [sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--bind", f"{HOST}:{port}"]
    size = ["--workers", "1", "--threads", "8", "--worker-class", "gthread"]
    quiet = ["--graceful-timeout", "2", "--log-level", "warning", "--no-control-socket"]
    return Program("web", [*server, *size, *quiet])
