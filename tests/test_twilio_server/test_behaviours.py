"""Each way of misbehaving does to a caller what it says."""

from time import monotonic

import pytest
import requests

from tests.test_twilio_server.conftest import PHONE, Send
from tests.twilio_server import (
    Behaviour,
    Endpoint,
    TwilioServer,
    accept_then_drop,
    accept_then_hang,
    drip,
    empty_answer,
    failed,
    hang,
    http_error,
    modes,
    ok,
    refuse_before_answer,
    sent_only,
    slow,
    stuck,
    twilio_error,
    undelivered,
)


@pytest.mark.parametrize(("behaviour", "kept"), [(hang(), 0), (accept_then_hang(), 1)])
def test_a_hanging_server_answers_nothing(
    send: Send, twilio: TwilioServer, behaviour: Behaviour, kept: int
) -> None:
    twilio.behave_next(behaviour)
    with pytest.raises(requests.ReadTimeout):
        send(timeout=0.2)
    assert twilio.sends_by_destination() == {PHONE: 1}
    assert len(twilio.messages) == kept


@pytest.mark.parametrize(
    ("behaviour", "kept"), [(refuse_before_answer(), 0), (accept_then_drop(), 1)]
)
def test_a_dropped_connection_may_hide_an_accepted_message(
    send: Send, twilio: TwilioServer, behaviour: Behaviour, kept: int
) -> None:
    twilio.behave_next(behaviour)
    with pytest.raises(requests.ConnectionError):
        send()
    assert len(twilio.messages) == kept


def test_a_slow_answer_comes_late_for_a_message_accepted_at_once(
    send: Send, twilio: TwilioServer
) -> None:
    twilio.behave(slow(0.3))
    with pytest.raises(requests.ReadTimeout):
        send(timeout=0.1)
    assert len(twilio.messages) == 1
    assert send(timeout=2).status_code == 201


def test_a_dripping_answer_outlives_the_read_timeout(send: Send, twilio: TwilioServer) -> None:
    twilio.behave(drip(0.001))
    started = monotonic()
    assert send(timeout=0.2).status_code == 201
    assert monotonic() - started > 0.5


def test_an_empty_answer_is_a_success_without_a_sid(send: Send, twilio: TwilioServer) -> None:
    twilio.behave(empty_answer())
    response = send()
    assert (response.status_code, response.json()) == (201, {})
    assert len(twilio.messages) == 1


def test_an_error_of_a_proxy_has_no_code(send: Send, twilio: TwilioServer) -> None:
    twilio.behave(http_error(503))
    response = send()
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "text/html"


def test_an_error_may_hide_an_accepted_message(send: Send, twilio: TwilioServer) -> None:
    twilio.behave(twilio_error(20500).accepting())
    response = send()
    assert (response.status_code, response.json()["code"]) == (500, 20500)
    assert len(twilio.messages) == 1


def test_the_queue_comes_first_then_the_number_then_the_rest(
    send: Send, get: Send, twilio: TwilioServer
) -> None:
    twilio.behave(twilio_error(20503))
    twilio.behave_towards(PHONE, twilio_error(21610))
    twilio.behave_next(ok(), twilio_error(20429))

    assert get("/Balance.json").json()["code"] == 20503
    assert send().status_code == 201
    assert send().json()["code"] == 20429
    assert send().json()["code"] == 21610
    assert send(To="+447700900999").json()["code"] == 20503


def test_one_endpoint_can_be_ill_alone(send: Send, get: Send, twilio: TwilioServer) -> None:
    twilio.behave(twilio_error(20500), on=Endpoint.BALANCE)
    assert get("/Balance.json").status_code == 500
    assert send().status_code == 201


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        (ok().ending(undelivered(30006)), "undelivered", 30006),
        (ok().ending(failed(30008)), "failed", 30008),
        (ok().ending(sent_only()), "sent", None),
        (ok().ending(stuck()), "queued", None),
    ],
)
def test_a_message_ends_as_it_is_told(
    send: Send, get: Send, twilio: TwilioServer, behaviour: Behaviour, status: str, code: int | None
) -> None:
    twilio.behave(behaviour)
    sid = send().json()["sid"]
    twilio.wait_until_idle()
    fetched = get(f"/Messages/{sid}.json").json()
    assert (fetched["status"], fetched["error_code"]) == (status, code)
    assert (fetched["error_message"] is None) is (code is None)


def test_words_name_a_behaviour() -> None:
    assert modes.parse("ok") == ok()
    assert modes.parse("undelivered:30006, slow:2") == slow(2).ending(undelivered(30006))
    assert modes.parse("accept-then-drop,twice,pace:1").pace == 1
    assert modes.parse("error:21610") == twilio_error(21610)
    with pytest.raises(ValueError, match="error:CODE"):
        modes.parse("sometimes")
    with pytest.raises(ValueError, match="slow:SECONDS"):
        modes.parse("slow:ly")


def test_closing_ends_hanging_callers_at_once() -> None:
    with TwilioServer() as server, requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{server.url}/_messages", timeout=5).json() == []
        server.behave(hang())
        with pytest.raises(requests.ReadTimeout):
            session.get(f"{server.url}{server.account.uri}.json", timeout=0.1)
        started = monotonic()
    assert monotonic() - started < 1
