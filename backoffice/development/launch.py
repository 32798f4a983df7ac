"""Becomes another program, which the kernel ends when its parent dies. Run by leash.py.

`launch.py PARENT SIGNAL USER COMMAND…`; USER is `-` to stay who one is. Done here, after the fork
and in a fresh interpreter, because `preexec_fn` may deadlock in a process that has threads.
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def die_with_parent(parent: int, number: int) -> None:
    """Second belt beside the keeper, where the system has it. The order matters: changing the user
    clears the wish, and the parent may have died before it was uttered."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    parent, number, user, *command = sys.argv[1:]
    if user != "-":
        become(user)
    die_with_parent(int(parent), int(number))
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is the caller's own
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
