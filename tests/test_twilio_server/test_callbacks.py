"""Status callbacks: signed as Twilio signs, and made in every manner a network can."""

import socket

import pytest
from twilio.request_validator import RequestValidator

from tests.test_twilio_server.conftest import PHONE, SENDER, Send
from tests.test_twilio_server.receiver import Receiver
from tests.twilio_server import (
    Callbacks,
    Status,
    TwilioServer,
    accept_then_hang,
    held,
    late,
    no_callbacks,
    ok,
    reordered,
    stuck,
    twice,
    undelivered,
)


def test_a_callback_is_signed_so_that_the_sdk_accepts_it(
    send: Send, twilio: TwilioServer, receiver: Receiver
) -> None:
    address = f"{receiver.url}/reports/?attempt=0198&b=%C3%A9"
    send(StatusCallback=f"{address}#rc=0")
    twilio.wait_until_idle()

    assert receiver.statuses == ["sending", "sent", "delivered"]
    validator = RequestValidator(twilio.account.auth_token)
    for posted in receiver.posted:
        assert posted.path == "/reports/?attempt=0198&b=%C3%A9"
        assert validator.validate(address, posted.params, posted.signature)
        assert not validator.validate(address, {**posted.params, "To": "+1"}, posted.signature)


def test_a_callback_says_what_twilios_says(
    send: Send, twilio: TwilioServer, receiver: Receiver
) -> None:
    twilio.behave(ok().ending(undelivered(30006)))
    sid = send(StatusCallback=receiver.url).json()["sid"]
    twilio.wait_until_idle()

    last = receiver.posted[-1]
    assert last.content_type == "application/x-www-form-urlencoded"
    assert last.params.pop("RawDlrDoneDate").isdecimal()
    assert last.params == {
        "AccountSid": twilio.account.sid,
        "ApiVersion": "2010-04-01",
        "ErrorCode": "30006",
        "From": SENDER,
        "MessageSid": sid,
        "MessageStatus": "undelivered",
        "SmsSid": sid,
        "SmsStatus": "undelivered",
        "To": PHONE,
    }
    assert "ErrorCode" not in receiver.posted[0].params
    assert [made.response_status for made in twilio.callbacks] == [204, 204, 204]


@pytest.mark.parametrize(
    ("callbacks", "statuses"),
    [
        (twice(), ["sending", "sending", "sent", "sent", "delivered", "delivered"]),
        (reordered(), ["delivered", "sent", "sending"]),
        (no_callbacks(), []),
        (late(0.05), ["sending", "sent", "delivered"]),
    ],
)
def test_callbacks_come_in_the_manner_asked_for(
    send: Send,
    twilio: TwilioServer,
    receiver: Receiver,
    callbacks: Callbacks,
    statuses: list[str],
) -> None:
    twilio.behave(ok().calling(callbacks))
    send(StatusCallback=receiver.url)
    twilio.wait_until_idle()
    assert sorted(receiver.statuses) == sorted(statuses)
    if callbacks != late(0.05):  # late ones may overtake each other
        assert receiver.statuses == statuses
    assert [message.status for message in twilio.messages] == ["delivered"]


def test_held_callbacks_can_be_released_in_any_order_and_forged(
    send: Send, twilio: TwilioServer, receiver: Receiver
) -> None:
    twilio.behave(ok().calling(held()))
    send(StatusCallback=receiver.url)
    sending, sent, delivered = twilio.wait_for_held(3)
    assert receiver.posted == []

    assert twilio.post(delivered).response_status == 204
    twilio.post(sending)
    assert receiver.statuses == ["delivered", "sending"]
    assert twilio.held == [sent]

    validator = RequestValidator(twilio.account.auth_token)
    other = sent.tampered(AccountSid="AC" + "9" * 32)
    for forged in (sent.signed_with("another token"), sent.tampered(To="+1"), other):
        twilio.post(forged)
        assert not validator.validate(
            receiver.url, receiver.posted[-1].params, receiver.posted[-1].signature
        )
    twilio.post(other.signed_with("the other account's token"))
    assert receiver.posted[-1].params["AccountSid"] == "AC" + "9" * 32
    twilio.post(sent.unsigned())
    assert receiver.posted[-1].signature is None


def test_a_report_can_be_made_by_hand(send: Send, twilio: TwilioServer, receiver: Receiver) -> None:
    twilio.behave(ok().ending(stuck()))
    sid = send(StatusCallback=receiver.url).json()["sid"]
    delivery = twilio.report(sid, Status.FAILED, error_code=30036)
    assert delivery is not None and delivery.response_status == 204
    assert receiver.posted[0].params["ErrorCode"] == "30036"
    callback = twilio.callback_for(sid)
    assert callback is not None and callback.status == "failed"


def test_a_report_comes_although_the_answer_never_does(
    twilio: TwilioServer, receiver: Receiver
) -> None:
    twilio.behave(accept_then_hang())
    account = twilio.account
    with socket.create_connection(("127.0.0.1", int(twilio.url.rpartition(":")[2]))) as caller:
        body = f"To=%2B447700900123&From=%2B442071838750&Body=1&StatusCallback={receiver.url}"
        caller.sendall(
            f"POST {account.uri}/Messages.json HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Basic {_basic(account.sid, account.auth_token)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        twilio.wait_for_callbacks(3)
    assert receiver.statuses == ["sending", "sent", "delivered"]


def test_the_fragment_asks_for_retries(
    send: Send, twilio: TwilioServer, receiver: Receiver
) -> None:
    receiver.answers = [503, 503, 204, 500]
    send(StatusCallback=f"{receiver.url}/#rc=2&rp=ct,rt,5xx")
    twilio.wait_until_idle()
    statuses = [made.response_status for made in twilio.callbacks]
    assert statuses == [503, 503, 204, 500, 204, 204]
    assert receiver.statuses == ["sending"] * 3 + ["sent"] * 2 + ["delivered"]


def test_a_callback_that_reaches_nobody_is_recorded_with_its_error(
    send: Send, twilio: TwilioServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    send(StatusCallback=f"http://127.0.0.1:{port}/")
    twilio.wait_until_idle()
    assert {made.response_status for made in twilio.callbacks} == {None}
    assert "ConnectionRefusedError" in twilio.callbacks[0].error


def test_closing_cuts_a_callback_that_hangs() -> None:
    import requests

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        with TwilioServer() as server:
            account = server.account
            requests.post(
                f"{server.url}{account.uri}/Messages.json",
                data={
                    "To": PHONE,
                    "From": SENDER,
                    "Body": "1",
                    "StatusCallback": f"http://127.0.0.1:{deaf.getsockname()[1]}/",
                },
                auth=(account.sid, account.auth_token),
                timeout=5,
            )
            connection, _ = deaf.accept()
        connection.close()


def _basic(user: str, password: str) -> str:
    import base64

    return base64.b64encode(f"{user}:{password}".encode()).decode()
