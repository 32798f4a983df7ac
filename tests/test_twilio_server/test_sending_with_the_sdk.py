"""The real SDK gets from this server what it gets from Twilio."""

from datetime import datetime

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.test_twilio_server.conftest import PHONE, SENDER
from tests.test_twilio_server.receiver import Receiver
from tests.test_twilio_server.sdk import RewritingHttpClient
from tests.twilio_server import Status, TwilioServer, http_error, twilio_error


def test_a_message_is_queued_and_then_delivered(client: Client, twilio: TwilioServer) -> None:
    created = client.messages.create(to=PHONE, from_=SENDER, body="123456 is your code.")

    assert created.sid.startswith("SM") and len(created.sid) == 34
    assert created.status == "queued"
    assert created.num_segments == "1"
    assert created.price is None
    assert isinstance(created.date_created, datetime)

    twilio.wait_until_idle()
    fetched = client.messages(created.sid).fetch()
    assert fetched.status == "delivered"
    assert fetched.price == "-0.0079"
    assert fetched.price_unit == "USD"
    assert fetched.error_code is None
    assert twilio.message(created.sid).history == (
        Status.QUEUED,
        Status.SENDING,
        Status.SENT,
        Status.DELIVERED,
    )
    twilio.assert_no_violations()


def test_every_parameter_of_a_code_is_taken(client: Client, twilio: TwilioServer) -> None:
    client.messages.create(
        to=PHONE,
        from_="BackOffice",
        body="123456",
        validity_period=300,
        attempt=2,
        provide_feedback=True,
        risk_check="enable",
    )
    [message] = twilio.messages
    assert (message.validity_period, message.attempt, message.provide_feedback) == (300, 2, True)
    assert message.body == "123456"
    twilio.assert_no_violations()


def test_a_messaging_service_accepts_first_and_chooses_a_sender_later(
    client: Client, twilio: TwilioServer, receiver: Receiver
) -> None:
    created = client.messages.create(
        to=PHONE,
        messaging_service_sid=twilio.account.services[0],
        body="123456",
        status_callback=f"{receiver.url}/reports/",
    )
    assert (created.status, created.num_segments, created.from_) == ("accepted", "0", None)

    twilio.wait_until_idle()
    assert receiver.statuses == ["queued", "sending", "sent", "delivered"]
    assert receiver.posted[0].params["From"] == twilio.account.numbers[0]
    assert client.messages(created.sid).fetch().from_ == twilio.account.numbers[0]


def test_messages_are_listed_by_recipient_newest_first(
    client: Client, twilio: TwilioServer
) -> None:
    first = client.messages.create(to=PHONE, from_=SENDER, body="1")
    client.messages.create(to="+447700900999", from_=SENDER, body="2")
    second = client.messages.create(to=PHONE, from_=SENDER, body="3")

    listed = client.messages.list(to=PHONE, page_size=1)

    assert [message.sid for message in listed] == [second.sid, first.sid]
    assert twilio.messages_by_destination() == {PHONE: 2, "+447700900999": 1}
    twilio.assert_no_violations()


def test_feedback_is_kept_with_the_message(client: Client, twilio: TwilioServer) -> None:
    created = client.messages.create(to=PHONE, from_=SENDER, body="1", provide_feedback=True)
    feedback = client.messages(created.sid).feedback.create(outcome="confirmed")
    assert feedback.outcome == "confirmed"
    assert twilio.message(created.sid).feedback == "confirmed"


def test_the_balance_the_account_and_the_senders_can_be_checked(
    client: Client, twilio: TwilioServer
) -> None:
    assert client.balance.fetch().balance == "12.3400"
    account = client.api.accounts(twilio.account.sid).fetch()
    assert (account.status, account.type) == ("active", "Full")
    assert account.auth_token == twilio.account.auth_token
    [number] = client.incoming_phone_numbers.list(phone_number=SENDER)
    assert number.phone_number == SENDER
    assert client.incoming_phone_numbers.list(phone_number="+15550000000") == []
    service = twilio.account.services[0]
    assert client.messaging.v1.services(service).fetch().sid == service
    with pytest.raises(TwilioRestException) as refused:
        client.messaging.v1.services("MG" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    twilio.assert_no_violations()


def test_an_api_key_may_send_but_not_read_the_account(twilio: TwilioServer) -> None:
    account = twilio.account
    http_client = RewritingHttpClient(twilio.url)
    client = Client(
        account.api_key_sid, account.api_key_secret, account.sid, http_client=http_client
    )
    assert client.messages.create(to=PHONE, from_=SENDER, body="1").status == "queued"
    assert client.balance.fetch().currency == "USD"
    with pytest.raises(TwilioRestException) as refused:
        client.api.accounts(account.sid).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    http_client.session.close()


@pytest.mark.parametrize(
    ("code", "status"),
    [(21610, 400), (20003, 401), (20005, 403), (20404, 404), (20429, 429), (20503, 503)],
)
def test_the_sdk_reads_code_and_status_of_an_error(
    client: Client, twilio: TwilioServer, code: int, status: int
) -> None:
    twilio.behave(twilio_error(code))
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=PHONE, from_=SENDER, body="1")
    assert (refused.value.code, refused.value.status) == (code, status)
    assert twilio.messages == []


def test_the_sdk_puts_the_status_for_the_code_that_a_proxy_does_not_give(
    client: Client, twilio: TwilioServer
) -> None:
    twilio.behave(http_error(502))
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=PHONE, from_=SENDER, body="1")
    assert (refused.value.status, refused.value.code) == (502, 502)
