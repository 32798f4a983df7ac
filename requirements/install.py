"""Installs one lock file into the virtualenv whose Python runs this, and shows how far it is.

    .venv/bin/python requirements/install.py requirements/run.lock

pip alone is either silent for a minute or writes three lines for each package.
"""

# ruff: noqa: T201 - a program for the terminal
import re
import subprocess
import sys
from collections import deque
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
STEPS = ("Collecting ", "Requirement already satisfied", "Ignoring ")


def main(lock: str) -> None:
    total = len(re.findall(r"^[A-Za-z0-9].*==", Path(lock).read_text(), re.MULTILINE))
    command = [*PIP, "--require-hashes", "--no-deps", "--progress-bar", "off", "-r", lock]
    pip = subprocess.Popen(  # noqa: S603 - pip itself
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert pip.stdout is not None  # noqa: S101 - a pipe, as asked for above
    last: deque[str] = deque(maxlen=15)
    done = 0
    for line in pip.stdout:
        last.append(line.rstrip())
        if line.startswith(STEPS):
            done += 1
            report(done, total)
        elif line.startswith("Installing collected packages"):
            show(f"  {total} packages are here; unpacking them…")
    show("")
    if pip.wait() != 0:
        print(*last, sep="\n", file=sys.stderr)
        sys.exit(
            f"The packages of {lock} could not be installed: see pip's lines above. They come from "
            "the internet, or from the index that pip is told of; what is here already is kept."
        )


def report(done: int, total: int) -> None:
    if sys.stdout.isatty() or done % 20 == 0:
        show(f"  {done} of {total} packages")


def show(text: str) -> None:
    """On a terminal in place of the line before."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end="", flush=True)
    elif text:
        print(text, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
