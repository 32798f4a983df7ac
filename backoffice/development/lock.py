"""One `manage.py dev` in one folder: two would share a database and a broker's socket."""

import fcntl
import os
import time
from pathlib import Path

from backoffice.development.problems import CannotStart

CLEANING_UP = 8.0


class Lock:
    """Freed by the system when its last holder ends. The keeper of a killed `dev` is one of them,
    until it has ended what was left; a new start waits for that."""

    def __init__(self, path: Path, *, patience: float = CLEANING_UP) -> None:
        self._path = path
        self._patience = patience
        self.descriptor = -1

    def take(self) -> None:
        try:
            self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"The folder {self._path.parent} cannot be written ({error.strerror}). "
                "Make it yours, or clone the project to a folder of your own."
            ) from None
        deadline = time.monotonic() + self._patience
        while not self._taken():
            holder = self._holder()
            if _is_alive(holder) or time.monotonic() > deadline:
                self.release()
                raise CannotStart(
                    f"The Back Office already runs from this folder (process {holder}). "
                    "Stop it with Ctrl-C there first."
                )
            time.sleep(0.1)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _taken(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        text = os.pread(self.descriptor, 20, 0).decode(errors="replace")
        return int(text) if text.isdigit() else 0


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return True  # it has the lock and is about to write its number
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
