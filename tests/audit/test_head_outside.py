"""The head of the sealed log at an `https:` address: real TLS, and a server that misbehaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backoffice.audit import log
from backoffice.audit.head import Head, last_seal
from backoffice.audit.sealing_round import seal_and_tell
from tests.http_gateway.asked import Asked
from tests.http_gateway.behaviours import Behaviour
from tests.http_gateway.certificates import self_signed
from tests.http_gateway.listener import Listener, Reply

NOTED = log.action("tests.noted", "Noted")

pytestmark = pytest.mark.django_db


@dataclass
class Notary:
    """Keeps what is PUT; answers all with `status` when that is set."""

    kept: bytes | None = None
    status: int = 0

    def __call__(self, asked: Asked) -> tuple[Behaviour, Reply]:
        return Behaviour(), self._reply(asked)

    def _reply(self, asked: Asked) -> Reply:
        if self.status:
            return Reply(self.status, b"no")
        if asked.method == "PUT":
            self.kept = asked.body
            return Reply(201, b"")
        return Reply(404, b"") if self.kept is None else Reply(200, self.kept)


@pytest.fixture
def notary(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notary]:
    trusted, tls = self_signed("localhost", tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    notary = Notary()
    listener = Listener(notary, tls=tls)
    listener.start()
    settings.AUDIT_HEAD_URL = f"https://localhost:{listener.port}/head"
    log.record(NOTED, actor=log.SYSTEM)
    yield notary
    listener.stop()


def is_kept(notary: Notary) -> bool:
    seal = last_seal()
    assert seal is not None
    return notary.kept is not None and Head.read(notary.kept) == Head.of(seal)


def test_each_head_is_put_there(notary: Notary) -> None:
    for _ in range(2):
        assert seal_and_tell().trouble == ""
        assert is_kept(notary)
        log.record(NOTED, actor=log.SYSTEM)


@pytest.mark.parametrize("status", [302, 403, 500])
def test_while_it_cannot_be_written_events_are_sealed_and_then_it_is_made_up_for(
    notary: Notary, status: int
) -> None:
    notary.status = status
    state = seal_and_tell()
    assert state.trouble == "head_unwritten"
    assert state.ran_at is not None
    assert last_seal() is not None
    notary.status = 0
    assert seal_and_tell().trouble == ""
    assert is_kept(notary)


@pytest.mark.parametrize("there", [b"<html>", b"{}", b"x" * 100_000])
def test_what_is_no_head_of_ours_is_not_written_over(notary: Notary, there: bytes) -> None:
    notary.kept = there
    assert seal_and_tell().trouble == "head_unwritten"
    assert notary.kept == there


def test_a_server_that_nobody_vouches_for_gets_nothing(
    notary: Notary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    settings.AUDIT_HEAD_URL = settings.AUDIT_HEAD_URL.replace("//", "//user:hidden@")
    assert seal_and_tell().trouble == "head_unwritten"
    assert notary.kept is None
    assert "hidden" not in caplog.text
