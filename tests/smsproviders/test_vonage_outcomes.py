"""Each row of Vonage's tables, as an answer or in a receipt: who is called next, what is told.

And Vonage as the partner: what fails at Twilio arrives by it, once.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django.fixtures import Settings

from smsproviders import accounts, settling
from smsproviders.backends import bounded_http
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.sending import turns
from smsproviders.vocabulary import Cause, Decision, MessageState
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.smsproviders.outgoing import PHONE
from tests.smsproviders.raw_server import drip, raw_server
from tests.smsproviders.test_vonage_sending import LONG
from tests.smsproviders.vonage_rows import OF_RECEIPTS, OF_STATUSES, ROWS, Row
from tests.twilio_server import (
    TwilioServer,
    accept_then_drop,
    empty_answer,
    hang,
    http_error,
    no_callbacks,
    ok,
    refuse_before_answer,
    twilio_error,
)
from tests.vonage_server import VonageServer, on_the_wire, receipt, refusing

pytestmark = pytest.mark.django_db

ONE_MORE = {Decision.NEXT, Decision.NEXT_ONCE, Decision.AMBIGUOUS}
BY_US = {
    "server-error": http_error(503),
    "unusable-answer": empty_answer(),
    "no-answer": accept_then_drop(),
}


@pytest.fixture
def both(
    vonage: VonageServer,
    twilio: TwilioServer,
    make_vonage_provider: MakeProvider,
    make_twilio_provider: MakeProvider,
) -> SmsProvider:
    """Vonage first, Twilio after it; the first is given."""
    twilio.behave(ok().calling(no_callbacks()))
    make_twilio_provider(caption="Second", name="second", priority=2)
    return make_vonage_provider(caption="First", priority=1)


def assert_the_operator_reads(row: Row, message: SmsMessage, provider: SmsProvider) -> None:
    first = message.attempts.order_by("number")[0]
    assert (first.error_code, first.cause) == (row.code, row.cause)
    assert len(str(accounts.words_for(provider, first.error_code))) > 10


@pytest.mark.parametrize("row", OF_STATUSES, ids=lambda row: row.code)
def test_each_status_leads_to_its_class(
    row: Row, both: SmsProvider, vonage: VonageServer, twilio: TwilioServer
) -> None:
    vonage.behave(refusing(row.code))
    message = deliver_now(queue())

    assert outcomes_of(message) == [("First", row.decision)]
    assert_the_operator_reads(row, message, both)
    assert message.cause == row.cause
    for _ in range(3):
        message = deliver_now(message)
    calls = 2 if row.decision is Decision.RETRY else 1
    assert vonage.sends_by_destination() == {PHONE: calls}
    if row.decision is Decision.STOP:
        assert twilio.sends_by_destination() == {}
        assert (message.state, message.cause, message.body) == ("failed", row.cause, "")
    else:
        assert twilio.sends_by_destination() == {PHONE: 1}
        assert (message.state, message.cause) == ("accepted", "")


@pytest.mark.parametrize("code", BY_US)
def test_each_failure_of_the_wire_leads_to_its_class(
    code: str, both: SmsProvider, vonage: VonageServer, twilio: TwilioServer
) -> None:
    vonage.behave(on_the_wire(BY_US[code]))
    message = deliver_now(queue())

    [row] = [row for row in ROWS if row.code == code]
    assert_the_operator_reads(row, message, both)
    message = deliver_now(message)
    assert outcomes_of(message) == [("First", row.decision), ("Second", "done")]


def test_a_text_taken_in_part_is_sent_once_more(both: SmsProvider, vonage: VonageServer) -> None:
    vonage.behave(refusing("0", "1"))
    message = deliver_now(deliver_now(queue(body=LONG)))

    assert outcomes_of(message) == [("First", "ambiguous"), ("Second", "done")]


@pytest.mark.parametrize(
    ("address", "code"),
    [("http://127.0.0.1:1", "unreachable"), ("https://elsewhere.example", "address-refused")],
)
def test_nothing_sent_is_sent_by_the_next(
    both: SmsProvider, vonage: VonageServer, settings: Settings, address: str, code: str
) -> None:
    settings.VONAGE_API_URL = address
    message = deliver_now(queue())

    [row] = [row for row in ROWS if row.code == code]
    assert_the_operator_reads(row, message, both)
    message = deliver_now(message)
    assert outcomes_of(message) == [("First", "next"), ("Second", "done")]
    assert vonage.requests == []


@pytest.mark.parametrize("row", OF_RECEIPTS, ids=lambda row: row.code)
def test_each_receipt_leads_to_its_class(
    row: Row, both: SmsProvider, vonage: VonageServer, twilio: TwilioServer, client: Client
) -> None:
    message = deliver_now(queue())
    assert message.state == MessageState.ACCEPTED
    word = row.code.removeprefix("dlr-")
    status, code = ("failed", word) if word.isdecimal() else (word, "0")

    given = receipt(vonage.messages[0], status, code, account=vonage.account)
    response = client.post("/sms/reports/vonage/", json.dumps(given), "application/json")

    assert response.status_code == 204
    message.refresh_from_db()
    assert_the_operator_reads(row, message, both)
    assert (message.attempts.get().decision, message.cause) == (row.decision, row.cause)
    message = deliver_now(deliver_now(message))
    assert vonage.sends_by_destination() == {PHONE: 1}
    if row.decision is Decision.STOP:
        assert twilio.sends_by_destination() == {}
        assert (message.state, message.cause, message.body) == ("undelivered", row.cause, "")
    else:
        assert twilio.sends_by_destination() == {PHONE: 1}
        assert (message.state, message.cause) == ("accepted", "")


@pytest.mark.parametrize("secret", ["", "a signature secret"])
def test_nobody_asks_for_a_state_that_vonage_cannot_tell(
    vonage: VonageServer, make_vonage_provider: MakeProvider, secret: str
) -> None:
    make_vonage_provider(credentials={"signature_secret": secret})
    message = deliver_now(queue())

    assert (message.state, message.attempts.get().ask_at) == ("accepted", None)
    with time_machine.travel(message.expires_at + timedelta(seconds=1)):
        assert settling.close_expired() == 1
    message.refresh_from_db()
    assert (message.state, message.body) == ("accepted", "")


def test_a_second_carrier_that_fails_ends_it(
    both: SmsProvider, vonage: VonageServer, make_vonage_provider: MakeProvider, client: Client
) -> None:
    SmsProvider.objects.filter(name="second").delete()
    make_vonage_provider(caption="Other", name="other", priority=3)
    message = deliver_now(queue())
    for name in ("vonage", "other"):
        given = receipt(vonage.messages[-1], "failed", "2", account=vonage.account)
        client.post(f"/sms/reports/{name}/", json.dumps(given), "application/json")
        message = deliver_now(message)

    assert outcomes_of(message) == [("First", "next_once"), ("Other", "next_once")]
    assert (message.state, message.cause) == ("undelivered", Cause.HANDSET_UNREACHABLE)


@pytest.fixture
def twilio_then_vonage(
    vonage: VonageServer,
    twilio: TwilioServer,
    make_vonage_provider: MakeProvider,
    make_twilio_provider: MakeProvider,
) -> list[SmsProvider]:
    return [
        make_twilio_provider(caption="Twilio", priority=1),
        make_vonage_provider(caption="Vonage", priority=2),
    ]


@pytest.mark.parametrize(
    "behaviour",
    [
        twilio_error(20003),
        twilio_error(20005),
        twilio_error(20008),
        twilio_error(21612),
        twilio_error(20500),
        http_error(503),
        http_error(401),
        refuse_before_answer(),
        hang(),
    ],
    ids=["401", "no funds", "test", "sender", "500", "503", "proxy", "cut", "hang"],
)
def test_what_fails_at_twilio_arrives_by_vonage_once(
    twilio: TwilioServer,
    vonage: VonageServer,
    twilio_then_vonage: list[SmsProvider],
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Any,
) -> None:
    monkeypatch.setattr(bounded_http, "READ_SECONDS", 0.3)
    twilio.behave_next(behaviour)
    message = deliver_now(deliver_now(queue()))

    assert twilio.messages_by_destination() == {}
    assert vonage.sends_by_destination() == {PHONE: 1}
    assert (message.state, message.cause) == ("accepted", "")
    assert message.attempts.order_by("-number")[0].provider_caption == "Vonage"
    assert deliver_now(message).attempts.count() == 2


def test_a_twilio_that_drips_bytes_for_ever_is_left_for_vonage(
    twilio: TwilioServer,
    vonage: VonageServer,
    twilio_then_vonage: list[SmsProvider],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    monkeypatch.setattr(turns, "CALL_SECONDS", 0.3)
    monkeypatch.setattr(turns, "QUESTION_SECONDS", 0.3)
    with raw_server(drip(b"HTTP/1.1 200 OK\r\nX-Padding: ", 0.02)) as port:
        settings.TWILIO_API_URL = f"http://127.0.0.1:{port}"
        message = deliver_now(deliver_now(queue()))

    assert outcomes_of(message) == [("Twilio", "ambiguous"), ("Vonage", "done")]
    assert vonage.sends_by_destination() == {PHONE: 1}


def test_what_twilio_refuses_for_good_goes_to_nobody_else(
    twilio: TwilioServer, vonage: VonageServer, twilio_then_vonage: list[SmsProvider]
) -> None:
    for code in (21610, 30450, 21408):
        twilio.behave_next(twilio_error(code))
        message = deliver_now(deliver_now(queue()))
        assert message.state == MessageState.FAILED
    assert vonage.requests == []
