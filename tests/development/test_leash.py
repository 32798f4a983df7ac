"""What a process starts through a leash ends with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.development.leash import HERE, PYTHON, Leash
from tests.services.processes import descendants, is_alive
from tests.services.waiting import wait_until

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
# A shell with a child of its own that does not listen to SIGTERM.
STUBBORN = ["sh", "-c", "trap '' TERM; sleep 300 & echo up; wait; sleep 300"]
OWNER = f"""
import sys, time
from backoffice.development.leash import Leash
leash = Leash()
process = leash.start({STUBBORN!r})
process.stdout.readline()
print(leash.folder(), flush=True)
time.sleep(300)
"""


@pytest.fixture
def leash() -> Iterator[Leash]:
    with Leash() as leash:
        yield leash


@pytest.fixture
def owner() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process
        process.kill()


def gone(pids: list[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_its_owner(owner: "subprocess.Popen[str]", number: int) -> None:
    assert owner.stdout
    folder = Path(owner.stdout.readline().strip())
    below = descendants(owner.pid)
    assert len(below) == 3, "the keeper, the shell and its child"
    assert folder.is_dir()
    owner.send_signal(number)
    wait_until(lambda: gone(below), within=20)
    wait_until(lambda: not folder.exists(), within=10)


def test_what_an_owner_ordered_is_ended_although_it_died_before_its_keeper_had_begun() -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(STUBBORN, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()
        os.write(writing, f"process {process.pid} {int(signal.SIGTERM)}\n".encode())
        # The end of writing stays open, as by a forked child; no process has its parent's number.
        subprocess.run([*PYTHON, HERE / "keeper.py", "0"], stdin=reading, timeout=20, check=True)
        wait_until(lambda: process.poll() is not None, within=10)
    os.close(reading)
    os.close(writing)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child")
def test_the_kernel_ends_a_child_when_the_keeper_was_killed_as_well() -> None:
    script = OWNER.replace(repr(STUBBORN), repr(["sh", "-c", "echo up; exec sleep 300"]))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as owner:
        assert owner.stdout
        folder = Path(owner.stdout.readline().strip())
        keeper, sleep = descendants(owner.pid)
        os.kill(keeper, signal.SIGKILL)
        owner.kill()
    wait_until(lambda: not is_alive(sleep), within=10)
    folder.rmdir()


def test_stopping_kills_what_does_not_listen(leash: Leash) -> None:
    process = leash.start(STUBBORN)
    assert process.stdout
    with process.stdout as output:
        output.readline()
        below = descendants(process.pid)
        started = time.monotonic()
        leash.stop(process, grace=0.3)
    assert time.monotonic() - started < 2
    assert process.returncode == -signal.SIGKILL
    wait_until(lambda: gone(below), within=10)


def test_a_program_that_does_not_exist_is_named(leash: Leash) -> None:
    process = leash.start(["no-such-program"])
    assert process.stdout
    with process.stdout as output:
        assert b"cannot start no-such-program" in output.read()
    assert process.wait() == 1


def test_closing_ends_all_and_removes_the_folders() -> None:
    leash = Leash()
    folder = leash.folder()
    (folder / "file").touch()
    process = leash.start(["sleep", "300"], output=subprocess.DEVNULL)
    leash.close()
    assert process.returncode == -signal.SIGTERM
    assert not folder.exists()
