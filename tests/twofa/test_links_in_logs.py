"""Links from e-mails open something: no log may hold one whole."""

import io
import logging
import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client
from pythonjsonlogger.json import JsonFormatter

from backoffice.common.logging import RedactNumbers
from clients import password_links
from tests.twofa import callers, lost, people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD
from tests.twofa.test_support_pins import shown
from twofa import approvals, lost_device_news, support_pins, tasks, temporary_codes
from twofa.temporary_codes import Issued

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


@pytest.mark.django_db
def test_s73_logs_at_debug_hold_no_link_pin_or_code_of_support(log: io.StringIO) -> None:
    ann, desk = people.client(password=PASSWORD), people.operator()
    person, _device = signed_in_by_app(ann)
    pin = shown(person)
    support_pins.identify(ann, pin, operator=desk)
    issued = temporary_codes.issue(ann, operator=desk, reason="Phone lost", client_request=True)
    assert isinstance(issued, Issued)
    Person().open("/sign-in/forgot/").submit("email", ann.email)
    tasks.sweep_notices()
    lost.asked(ann)
    links = [lost.link(ann), callers.asked_to_approve(ann, desk)[1]]
    links += re.findall(r"/password/\S+/", "".join(str(one.body) for one in mail.outbox))
    for link in [*links, "/nothing-there/"]:
        Person().open(link)
    secrets = [pin, f"{pin[:3]} {pin[3:]}", issued.code, issued.code.replace("-", ""), *links]
    assert len(links) == 3
    assert "/nothing-there/" in log.getvalue()
    assert not [secret for secret in secrets if secret in log.getvalue()]
