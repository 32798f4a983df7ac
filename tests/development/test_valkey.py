"""The embedded Valkey."""

import socket
from pathlib import Path

import pytest
import redis

from backoffice.common.env import plain_redis_url
from backoffice.development import valkey
from backoffice.development.leash import Leash
from backoffice.development.problems import CannotStart
from backoffice.development.valkey import TcpAddress, UnixAddress, Valkey


def answers(url: str) -> bool:
    with redis.Redis.from_url(plain_redis_url(url)) as client:
        return bool(client.ping())


def test_it_answers_at_its_socket_and_refuses_to_forget(leash: Leash) -> None:
    server = Valkey(leash)
    server.start()
    assert answers(server.url)
    with redis.Redis.from_url(plain_redis_url(server.url)) as client:
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    server.stop()
    assert not valkey.answers(server.address)


def test_over_tcp_it_asks_for_the_password(own_valkey: Valkey) -> None:
    assert isinstance(own_valkey.address, TcpAddress)
    assert answers(own_valkey.url)
    with own_valkey.address.connect() as stranger:
        stranger.sendall(b"PING\r\n")
        assert stranger.recv(64).startswith(b"-NOAUTH")


@pytest.mark.faults
def test_killed_it_comes_back_at_the_same_address(own_valkey: Valkey) -> None:
    before = own_valkey.pid
    own_valkey.kill()
    assert own_valkey.pid is None
    own_valkey.start()
    assert own_valkey.pid != before
    assert answers(own_valkey.url)


def test_a_start_that_fails_shows_the_servers_own_words(leash: Leash) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Valkey(leash, tcp=True)
        server.address = TcpAddress(taken.getsockname()[1])
        with pytest.raises(RuntimeError, match="Address already in use"):
            server.start(within=2)


def test_the_socket_lies_in_the_wanted_folder_when_its_path_is_short(leash: Leash) -> None:
    folder = leash.folder()
    address = valkey.unix_address(folder / "valkey.sock", leash.folder)
    assert address == UnixAddress(folder / "valkey.sock")
    assert not (folder / "valkey.sock").exists()


def test_in_a_deep_folder_the_socket_lies_in_a_private_one(leash: Leash, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    address = valkey.unix_address(deep / "valkey.sock", leash.folder)
    assert len(str(address.path)) < 100
    assert address.path.parent.stat().st_mode & 0o777 == 0o700


def test_without_the_wheel_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey, "find_spec", lambda _: None)
    with pytest.raises(CannotStart, match="make run"):
        valkey.binary()
