"""How a command gets a password: from standard input, or asked for on a terminal.

Never an argument: those stand in the list of processes and in the history of the shell.
"""

import getpass
import sys

from django.core.management.base import CommandError


def read(*, from_stdin: bool) -> str | None:
    """The password; None when none was given and nobody can be asked."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("--password-stdin was given, but standard input is empty.")
        return password
    if not sys.stdin.isatty():
        return None
    password = getpass.getpass("Password (empty: none yet): ")
    if password and password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ.")
    return password or None
