"""What is looked at before `manage.py dev` starts anything, and what it shows."""

import io
import os
import socket
from pathlib import Path

import pytest

from backoffice.development import ports, programs, welcome
from backoffice.development.lock import Lock
from backoffice.development.output import Output, Relay
from backoffice.development.problems import CannotStart
from backoffice.development.processes import how_it_ended


def test_a_free_port_is_accepted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ports.check(port)


def test_a_port_in_use_is_refused_with_the_program_and_another_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotStart) as problem:
            ports.check(port)
    assert f"Port {port} is in use" in str(problem.value)
    assert "make run" in str(problem.value)
    if Path("/proc/net/tcp").exists():
        assert f"(process {os.getpid()})" in str(problem.value)


def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = Lock(tmp_path / "dev.lock")
    first.take()
    with pytest.raises(CannotStart, match=f"already runs from this folder .process {os.getpid()}"):
        Lock(tmp_path / "dev.lock").take()
    first.release()
    second = Lock(tmp_path / "dev.lock")
    second.take()
    second.release()


def test_a_start_waits_for_the_cleaning_up_after_a_killed_one(tmp_path: Path) -> None:
    """The keeper holds the lock on; the number in it is of a process that is gone."""
    keeper = Lock(tmp_path / "dev.lock")
    keeper.take()
    os.ftruncate(keeper.descriptor, 0)
    os.pwrite(keeper.descriptor, b"4194305", 0)  # more than a pid can be
    with pytest.raises(CannotStart):
        Lock(tmp_path / "dev.lock", patience=0.3).take()
    keeper.release()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be written"):
        Lock(tmp_path / "missing" / "dev.lock").take()


@pytest.mark.parametrize(
    ("status", "words"),
    [(-9, "killed by SIGKILL"), (-250, "killed by signal 250"), (3, "exit status 3")],
)
def test_the_end_of_a_process_is_put_into_words(status: int, words: str) -> None:
    assert how_it_ended(status) == words


def test_each_line_begins_with_the_name_of_its_writer() -> None:
    stream = io.StringIO()
    relay = Relay(
        "web", io.BytesIO(b"one\nnoise\n\ntwo\n"), Output(stream, colour=False), noise=["no"]
    )
    relay.start()
    relay.join()
    assert stream.getvalue() == "web     | one\nweb     | two\n"
    assert list(relay.last) == ["one", "two"]


def test_a_terminal_gets_colours() -> None:
    stream = io.StringIO()
    Output(stream, colour=True).line("web", "one")
    assert "\x1b[36m" in stream.getvalue()


def test_the_welcome_shows_addresses_and_the_kept_password(tmp_path: Path) -> None:
    (tmp_path / "demo-password").write_text("red-lamp-42\n")
    text = welcome.text("http://127.0.0.1:8001", tmp_path)
    assert "http://127.0.0.1:8001/admin/" in text
    assert "red-lamp-42" in text
    assert "client@example.com" in text


def test_without_demo_data_the_welcome_names_no_logins(tmp_path: Path) -> None:
    text = welcome.text("http://127.0.0.1:8000", tmp_path)
    assert "http://127.0.0.1:8000/" in text
    assert "example.com" not in text


def test_the_web_server_listens_on_this_machine_only() -> None:
    command = programs.web(8003).command
    assert command[command.index("--bind") + 1] == "127.0.0.1:8003"
