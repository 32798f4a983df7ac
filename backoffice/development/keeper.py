"""Ends what a dead process left behind. Run by leash.py as a program of its own.

It reads its standard input, one order a line, and acts when that ends or when its parent is gone,
however that came about: `process PID SIGNAL`, `forget PID`, `folder PATH`. Only the standard
library, so that it starts in 10 ms and works while the virtualenv is being taken apart.
"""

import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

GRACE = 3.0


def orders(parent: int) -> Iterator[list[str]]:
    """Each line of standard input, until it ends. A forked child of the parent may hold the pipe
    open after the parent's death, so the parent is looked at as well: but what it had ordered is
    read first, for it may be dead before this program has begun."""
    rest = b""
    while True:
        alive = os.getppid() == parent
        if not select.select([0], [], [], 1.0 if alive else 0)[0]:
            if alive:
                continue
            return
        chunk = os.read(0, 65536)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield os.fsdecode(line).split(" ", 1)


def signal_group(group: int, number: int) -> bool:
    """False when the group has no member left (macOS answers EPERM when only zombies are left)."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: dict[int, int]) -> None:
    for group, number in groups.items():
        signal_group(group, number)
    deadline = time.monotonic() + GRACE
    while any(signal_group(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        signal_group(group, signal.SIGKILL)


def remove(folder: str) -> None:
    """A process that is just dying may still write into it: hence some more tries."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        time.sleep(0.1)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    folders: list[str] = []
    for order, argument in orders(int(sys.argv[1])):
        if order == "process":
            pid, number = argument.split()
            groups[int(pid)] = int(number)
        elif order == "forget":
            groups.pop(int(argument), None)
        elif order == "folder":
            folders.append(argument)
    end(groups)
    for folder in folders:
        with suppress(OSError):
            remove(folder)


if __name__ == "__main__":
    main()
