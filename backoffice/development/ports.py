"""Whether a port is free, and if not, who has it."""

import socket
from contextlib import suppress
from pathlib import Path

from backoffice.development.problems import CannotStart

LISTENING = "0A"


def check(port: int) -> None:
    try:
        _bind(port)
    except PermissionError:
        raise CannotStart(
            f"Port {port} is reserved for root. Take one above 1023: PORT=8000 make run"
        ) from None
    except OSError:
        raise CannotStart(
            f"Port {port} is in use{_by_whom(port)}. "
            f"Stop that program, or take another port: PORT={_next_free(port)} make run"
        ) from None


def _bind(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        pass


def _next_free(port: int) -> int:
    for candidate in range(max(port, 8000) + 1, 65536):
        with suppress(OSError):
            _bind(candidate)
            return candidate
    return 8001


def _by_whom(port: int) -> str:
    """` by NAME (process PID)`, where the system tells it (Linux, and a process of one's own)."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        with suppress(OSError):
            if str(descriptor.readlink()) in inodes:
                process = descriptor.parent.parent
                name = (process / "comm").read_text().strip()
                return f" by {name} (process {process.name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    found.add(fields[9])
    return found
