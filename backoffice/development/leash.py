"""Processes and temporary folders that must not outlive the process that made them.

Two belts: on Linux the kernel signals each direct child when its parent dies (launch.py), and
everywhere a small keeper process (keeper.py) notices the end of a pipe and ends whole process
groups, grandchildren included, then removes the folders. So nothing is left after SIGKILL either.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

HERE = Path(__file__).parent
PYTHON = [sys.executable, "-I", "-S"]
GRACE = 4.0


class Leash:
    """Start processes from a thread that lives as long as they shall: the kernel takes the end of
    the starting thread for the end of the parent."""

    def __init__(self, *, keep_open: Sequence[int] = ()) -> None:
        """`keep_open`: descriptors (a lock) to be held until all is cleaned up."""
        self._running: dict[int, tuple[subprocess.Popen[bytes], int]] = {}
        self._keeper = subprocess.Popen(  # noqa: S603 - our own file
            [*PYTHON, str(HERE / "keeper.py"), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            pass_fds=keep_open,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(
        self,
        command: Sequence[str | Path],
        *,
        output: int | IO[bytes] = subprocess.PIPE,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """A process, leader of a group of its own, with its messages and errors in one stream."""
        launch = [*PYTHON, str(HERE / "launch.py"), str(os.getpid())]
        process = subprocess.Popen(  # noqa: S603 - development only, the caller's own command
            [*launch, str(int(stop_signal)), user or "-", *[str(part) for part in command]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        self._running[process.pid] = (process, stop_signal)
        self._order(f"process {process.pid} {int(stop_signal)}")
        return process

    def folder(self, prefix: str = "backoffice-") -> Path:
        """A new private folder in the system's place for temporary files."""
        path = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
        self.remove_at_end(path)
        return path

    def remove_at_end(self, folder: Path) -> None:
        self._order(f"folder {folder}")

    def stop(self, *processes: subprocess.Popen[bytes], grace: float = GRACE) -> None:
        """Asks all of them at once, then kills the groups of those that are still there."""
        for process in processes:
            _, number = self._running.get(process.pid, (process, signal.SIGTERM))
            self._signal(process, number)
        deadline = time.monotonic() + grace
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._signal(process, signal.SIGKILL)
                process.wait()
            self.forget(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        self._signal(process, signal.SIGKILL)
        process.wait()
        self.forget(process)

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """Of a process that has ended: ends what it started and left behind."""
        if self._running.pop(process.pid, None) is not None:
            self._signal(process, signal.SIGKILL)
            self._order(f"forget {process.pid}")

    def close(self) -> None:
        """Ends everything that was started here and removes the folders."""
        self.stop(*[process for process, _ in self._running.values()])
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait()

    def _signal(self, process: subprocess.Popen[bytes], number: int) -> None:
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def _order(self, line: str) -> None:
        assert self._keeper.stdin is not None  # noqa: S101 - opened as a pipe above
        self._keeper.stdin.write(os.fsencode(f"{line}\n"))
        self._keeper.stdin.flush()
