"""`manage.py dev` for real, from a copy of the project in another folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backoffice.development.valkey import free_port
from tests.services import session
from tests.services.processes import descendants, is_alive
from tests.services.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "tests", "docs", ".*_cache", "__pycache__"
)
UP = "The Back Office runs."


class Dev:
    """One `manage.py dev`; its output goes to a file."""

    def __init__(self, project: Path, port: int) -> None:
        self.log = project / f"dev-{port}.log"
        ours = {*session.environment(), "MAKELEVEL"}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "dev"],
                cwd=project,
                env={**inherited, "DEBUG": "1", "PORT": str(port)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str, *, times: int = 1, within: float = 100) -> None:
        def seen() -> bool:
            assert self.process.poll() is None, self.text
            return self.text.count(words) >= times

        wait_until(seen, within=within)

    def child(self, words: str) -> int:
        for pid in descendants(self.process.pid):
            row = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
            if words in subprocess.run(row, capture_output=True, text=True).stdout:
                return pid
        raise AssertionError(f"no process {words!r}")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all, so that only the first start makes the database."""
    copy = tmp_path_factory.mktemp("dev") / "project"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    return copy


@pytest.fixture
def start(project: Path) -> Iterator[Callable[..., Dev]]:
    started: list[Dev] = []

    def start(port: int | None = None) -> Dev:
        started.append(Dev(project, port or free_port()))
        return started[-1]

    yield start
    for dev in started:
        if dev.process.poll() is None:
            dev.process.terminate()
        dev.process.wait(20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_ends(start: Callable[..., Dev], number: int) -> None:
    dev = start()
    dev.wait_for(UP)
    below = descendants(dev.process.pid)
    assert len(below) >= 6, "keeper, broker, worker, beat, web and its worker"
    dev.process.send_signal(number)
    wait_until(lambda: not any(is_alive(pid) for pid in below), within=8)
    status = dev.process.wait(8)
    assert status == (-number if number == signal.SIGKILL else 0), dev.text


def test_a_killed_worker_is_started_again(start: Callable[..., Dev]) -> None:
    dev = start()
    dev.wait_for(UP)
    killed = dev.child("backoffice worker")
    os.kill(killed, signal.SIGKILL)
    dev.wait_for("worker ended by itself (killed by SIGKILL)")
    dev.wait_for("worker is started again in 3 s.")
    wait_until(lambda: "backoffice worker" in commands(dev), within=10)
    assert dev.child("backoffice worker") != killed


def commands(dev: Dev) -> str:
    pids = ",".join(map(str, descendants(dev.process.pid)))
    return subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", pids], capture_output=True, text=True
    ).stdout


def test_a_second_one_in_the_same_folder_is_refused_in_one_line(start: Callable[..., Dev]) -> None:
    first = start()
    first.wait_for(UP)
    second = start()
    assert second.process.wait(30) == 1
    assert "already runs from this folder" in second.text
    assert len(second.text.splitlines()) == 1


def test_a_port_in_use_is_told_in_one_line(start: Callable[..., Dev]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dev = start(taken.getsockname()[1])
        assert dev.process.wait(30) == 1
    assert "is in use" in dev.text
    assert len(dev.text.splitlines()) == 1


def test_without_debug_it_refuses(project: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "dev"],
        cwd=project,
        env={**os.environ, **session.environment()},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr
