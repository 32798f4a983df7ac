"""Real Celery processes on the test database, to be killed, stopped or hung by tests."""

import os
import re
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from backoffice.development.leash import Leash
from tests.services.waiting import wait_until

READY = {
    "worker": re.compile(r"celery@\S+ ready|\S+@\S+ ready\."),
    "beat": re.compile("beat: Start"),
}
ROOT = Path(__file__).resolve().parent.parent.parent


def environment(**changes: str) -> dict[str, str]:
    """This session's variables, with the *test* database; for any process of the project."""
    name = connection.settings_dict["NAME"]
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {
        **os.environ,
        "DATABASE_URL": database,
        "DATABASE_MIGRATION_URL": database,
        "LOG_FORMAT": "console",
        **changes,
    }


class CeleryProcess:
    """`kind` is `worker` or `beat`; its whole output is in the file `log`."""

    def __init__(
        self, leash: Leash, kind: str, options: list[str], variables: dict[str, str], log: Path
    ) -> None:
        self._leash = leash
        self.kind = kind
        self.log = log
        command = [sys.executable, "-m", "celery", "-A", "backoffice", kind, "-l", "INFO", *options]
        with log.open("ab") as output:
            self._process: subprocess.Popen[bytes] = leash.start(
                command, output=output, environment=variables, folder=ROOT
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """Negative: the signal that ended it."""
        return self._process.poll()

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, pattern: str | re.Pattern[str], *, within: float = 30.0) -> re.Match[str]:
        """Until its log holds the pattern; fails at once when it ended without."""

        def found() -> re.Match[str] | None:
            running = self.is_running
            match = re.search(pattern, self.text)
            if match is None and not running:
                raise AssertionError(f"the {self.kind} ended ({self.exit_status}):\n{self.text}")
            return match

        match = wait_until(found, within=within)
        assert match is not None
        return match

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory runs out."""
        self._leash.kill(self._process)

    def terminate(self, *, within: float = 15.0) -> None:
        """SIGTERM, as an orchestrator does; SIGKILL if that does not end it in time."""
        self._leash.stop(self._process, grace=within)

    def hang(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


class CeleryProcesses:
    """Starts them and, at the end of the test, ends those that are left."""

    def __init__(self, leash: Leash, folder: Path) -> None:
        self._leash = leash
        self._folder = folder
        self._numbers = count(1)
        self._started: list[CeleryProcess] = []

    def worker(
        self, *options: str, threads: int = 4, wait: bool = True, **variables: str
    ) -> CeleryProcess:
        """`options` for Celery, e.g. `"-Q", "codes"`; `variables` of its environment."""
        name = f"worker{next(self._numbers)}"
        pool = ["-P", "threads", "-c", str(threads), "-n", f"{name}@%h", "--without-mingle"]
        return self._start("worker", name, [*pool, *options], variables, wait=wait)

    def beat(self, *options: str, wait: bool = True, **variables: str) -> CeleryProcess:
        name = f"beat{next(self._numbers)}"
        schedule = ["--schedule", str(self._folder / f"{name}.schedule"), "--pidfile", ""]
        return self._start("beat", name, [*schedule, *options], variables, wait=wait)

    def _start(
        self, kind: str, name: str, options: list[str], variables: dict[str, str], *, wait: bool
    ) -> CeleryProcess:
        log = self._folder / f"{name}.log"
        process = CeleryProcess(self._leash, kind, options, environment(**variables), log)
        self._started.append(process)
        if wait:
            process.wait_for(READY[kind])
        return process

    def end(self) -> None:
        for process in self._started:
            if process.is_running:
                process.resume()
                process.terminate(within=2.0)
