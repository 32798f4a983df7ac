"""The processor time that a process and its children used, from the kernel's own counters."""

import math
import os
from pathlib import Path

from tests.services.processes import descendants

# Places in /proc/<pid>/stat, counted after the name (proc(5)): its own time in user and in kernel
# mode, and that of children which have ended, such as PostgreSQL's for a closed connection.
_TIMES = slice(11, 15)


def seconds(pid: int | None) -> float:
    """Since they began; not a number where the system has no /proc."""
    if pid is None or not Path("/proc/self/stat").exists():
        return math.nan
    return sum(_of_one(one) for one in (pid, *descendants(pid)))


def _of_one(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0  # it ended in between
    ticks = sum(map(int, stat.rpartition(")")[2].split()[_TIMES]))
    return ticks / os.sysconf("SC_CLK_TCK")
