"""Looking at processes, also those that are no children of ours."""

import subprocess


def is_alive(pid: int) -> bool:
    """A zombie is dead: some containers have nobody who buries it."""
    row = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    state = row.stdout.strip()
    return bool(state) and not state.startswith("Z")


def descendants(pid: int) -> list[int]:
    """Children and their children, zombies left out."""
    rows = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    children: dict[int, list[int]] = {}
    for row in rows:
        child, parent, state = row.split()
        if not state.startswith("Z"):
            children.setdefault(int(parent), []).append(int(child))
    found: list[int] = []
    wanted = [pid]
    while wanted:
        below = children.get(wanted.pop(), [])
        found += below
        wanted += below
    return found
