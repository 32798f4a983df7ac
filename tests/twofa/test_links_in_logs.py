"""Links from e-mails open something: no log may hold one whole."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.test import Client
from pythonjsonlogger.json import JsonFormatter

from backoffice.common.logging import RedactNumbers
from clients import password_links
from twofa import approvals, lost_device_news

TOKEN = "Aq3_-" * 8 + "zz9"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a log collector gets, at DEBUG."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter("%(levelname)s %(name)s %(message)s"))
    handler.addFilter(RedactNumbers())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("module", "page"),
    [
        (password_links, "password"),
        (lost_device_news, "lost-device"),
        (approvals, "approve"),
    ],
)
def test_s73_a_page_that_fails_logs_no_token_of_its_link(
    module: object, page: str, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(token: str) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(module, "find", lost)
    answer = Client(raise_request_exception=False).get(f"/{page}/{TOKEN}/", secure=True)
    assert answer.status_code == 500
    assert f"/{page}/" in log.getvalue()
    assert TOKEN not in log.getvalue()
