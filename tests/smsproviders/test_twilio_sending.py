"""Sending through Twilio's API, over real sockets, against a strict server."""

import json
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.backends.twilio import TwilioBackend
from smsproviders.contract import Deadline, SendResult
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, Decision
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.outgoing import PHONE, TEXT, an_sms
from tests.smsproviders.raw_server import answer, raw_server
from tests.twilio_server import (
    Endpoint,
    TwilioServer,
    accept_then_drop,
    drip,
    empty_answer,
    hang,
    http_error,
    refuse_before_answer,
    slow,
    twilio_error,
)


def send(provider: SmsProvider, *, seconds: float = 5.0, **changes: Any) -> SendResult:
    backend = accounts.backend_for(provider)
    return backend.send(an_sms(**changes), deadline=Deadline.after(seconds))


def test_it_sends_the_text_to_the_number_and_keeps_the_id(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    result = send(twilio_provider)

    [message] = twilio.messages
    assert (message.to, message.body, message.sender) == (PHONE, TEXT, "+15005550006")
    assert result.verdict.decision is Decision.DONE
    assert result.provider_message_id == message.sid
    assert result.segments == 1


def test_it_asks_for_what_a_code_needs(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    sms = an_sms(attempt_number=2)
    accounts.backend_for(twilio_provider).send(sms, deadline=Deadline.after(5))

    [request] = twilio.requests
    assert 295 <= int(request.form["ValidityPeriod"]) <= 300
    assert request.form["Attempt"] == "2"
    assert request.form["ProvideFeedback"] == "true"
    assert request.form["RiskCheck"] == "enable"
    assert request.form["StatusCallback"] == f"{sms.callback_url}#rc=3&rp=ct,rt,5xx"
    assert "ContentRetention" not in request.form
    assert "AddressRetention" not in request.form


@pytest.mark.parametrize(("lives", "asked"), [(0.2, "1"), (-5, "1"), (100_000, "36000")])
def test_the_validity_stays_within_what_twilio_takes(
    twilio: TwilioServer, twilio_provider: SmsProvider, lives: float, asked: str
) -> None:
    send(twilio_provider, expires_at=timezone.now() + timedelta(seconds=lives))

    assert twilio.requests[0].form["ValidityPeriod"] == asked


def test_it_sends_without_a_callback_where_none_can_arrive(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    assert send(twilio_provider, callback_url="").verdict.decision is Decision.DONE
    assert "StatusCallback" not in twilio.requests[0].form


def test_an_api_key_alone_signs_no_reports_so_states_are_asked_for(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    account = twilio.account
    key = {"api_key_sid": account.api_key_sid, "api_key_secret": account.api_key_secret}
    provider = make_twilio_provider(credentials={"auth_token": "", **key})

    assert send(provider).verdict.decision is Decision.DONE
    assert twilio.requests[0].auth_user == account.api_key_sid
    assert not accounts.backend_for(provider).calls_back


def test_a_messaging_service_takes_the_place_of_the_number(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    service = twilio.account.services[0]
    provider = make_twilio_provider(
        credentials={"from_number": "", "messaging_service_sid": service}
    )

    result = send(provider)

    assert twilio.messages[0].messaging_service_sid == service
    assert "From" not in twilio.requests[0].form
    assert result.segments is None


@pytest.mark.parametrize("sender", ["+442071838750", "Example"])
def test_the_sender_chosen_for_the_country_wins(
    twilio: TwilioServer, twilio_provider: SmsProvider, sender: str
) -> None:
    send(twilio_provider, sender=sender)

    assert twilio.messages[0].sender == sender


def test_the_privacy_ticks_reach_twilio(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    twilio.change_account(message_privacy=True)
    ticks = {"discard_content": True, "obfuscate_number": True}

    assert send(make_twilio_provider(credentials=ticks)).verdict.decision is Decision.DONE
    assert twilio.requests[0].form["ContentRetention"] == "discard"
    assert twilio.requests[0].form["AddressRetention"] == "obfuscate"


def test_an_account_without_message_privacy_is_an_incomplete_provider(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    result = send(make_twilio_provider(credentials={"discard_content": True}))

    assert (result.error_code, result.verdict.cause) == ("30029", Cause.PROVIDER_INCOMPLETE)


def test_one_connection_serves_many_sends(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    backend = accounts.backend_for(twilio_provider)

    for _ in range(3):
        backend.send(an_sms(), deadline=Deadline.after(5))

    assert accounts.backend_for(twilio_provider) is backend
    assert len(twilio.messages) == 3


# What fails


@pytest.mark.parametrize(
    ("code", "cause", "decision"),
    [
        (20003, Cause.CREDENTIALS_REJECTED, Decision.NEXT),
        (20005, Cause.ACCOUNT_SUSPENDED, Decision.NEXT),
        (20429, Cause.RATE_LIMITED_BY_PROVIDER, Decision.RETRY),
        (20503, Cause.PROVIDER_DOWN, Decision.NEXT),
        (20500, Cause.PROVIDER_DOWN, Decision.AMBIGUOUS),
        (21211, Cause.NUMBER_INVALID, Decision.STOP),
        (21610, Cause.OPTED_OUT, Decision.STOP),
        (29999, Cause.UNEXPLAINED, Decision.STOP),
    ],
)
def test_each_code_becomes_its_verdict(
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    code: int,
    cause: Cause,
    decision: Decision,
) -> None:
    twilio.behave_next(twilio_error(code))

    result = send(twilio_provider)

    assert result.error_code == str(code)
    assert (result.verdict.cause, result.verdict.decision) == (cause, decision)


@pytest.mark.parametrize(
    ("status", "decision", "kept"),
    [
        (500, Decision.AMBIGUOUS, "server-error"),
        (502, Decision.AMBIGUOUS, "server-error"),
        (401, Decision.NEXT, "20003"),
        (429, Decision.RETRY, "20429"),
        (418, Decision.STOP, "http-418"),
    ],
)
def test_an_answer_without_a_code_is_judged_by_its_status(
    twilio: TwilioServer, twilio_provider: SmsProvider, status: int, decision: Decision, kept: str
) -> None:
    twilio.behave_next(http_error(status))

    result = send(twilio_provider)

    assert (result.verdict.decision, result.error_code) == (decision, kept)


@pytest.mark.parametrize("behaviour", [empty_answer(), refuse_before_answer(), accept_then_drop()])
def test_an_answer_that_is_none_leaves_the_send_ambiguous(
    twilio: TwilioServer, twilio_provider: SmsProvider, behaviour: Any
) -> None:
    twilio.behave_next(behaviour)

    result = send(twilio_provider)

    assert result.verdict.decision is Decision.AMBIGUOUS
    assert result.verdict.counts_for_breaker


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"[]", b'"text"', b"{}", b'{"sid": 5}', b'{"sid": null}', b"\xff"]
)
def test_a_success_that_is_no_message_leaves_the_send_ambiguous(
    twilio_provider: SmsProvider, settings: Settings, body: bytes
) -> None:
    head = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body)
    with raw_server(answer(head + body)) as port:
        settings.TWILIO_API_URL = f"http://127.0.0.1:{port}"

        result = send(twilio_provider)

    assert result.verdict.decision is Decision.AMBIGUOUS
    assert result.error_code in {"no-answer", "unusable-answer"}


def test_odd_details_of_a_message_do_not_spoil_it(
    twilio_provider: SmsProvider, settings: Settings
) -> None:
    body = b'{"sid": "SM1", "status": 7, "price": "free", "num_segments": [], "price_unit": 3}'
    head = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body)
    with raw_server(answer(head + body)) as port:
        settings.TWILIO_API_URL = f"http://127.0.0.1:{port}"
        result = send(twilio_provider)
        report = accounts.backend_for(twilio_provider).lookup("SM1", deadline=Deadline.after(5))

    assert result.verdict.decision is Decision.DONE
    assert (result.provider_message_id, result.price, result.segments) == ("SM1", None, None)
    assert report is None  # the state is no state


def test_problem_json_is_understood_as_well(
    twilio_provider: SmsProvider, settings: Settings
) -> None:
    body = (
        b'{"type": "https://x", "title": "No", "status": 400, "code": 21610,'
        b' "detail": "+447700900123"}'
    )
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(body)
    with raw_server(answer(head + body)) as port:
        settings.TWILIO_API_URL = f"http://127.0.0.1:{port}"
        result = send(twilio_provider)

    assert (result.error_code, result.verdict.cause) == ("21610", Cause.OPTED_OUT)
    assert "7700900123" not in str(result.answer)


def test_nobody_listening_is_known_not_to_be_sent(
    twilio_provider: SmsProvider, settings: Settings
) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:1"

    result = send(twilio_provider)

    assert (result.error_code, result.verdict.decision) == ("unreachable", Decision.NEXT)
    assert result.verdict.counts_for_breaker


def test_a_host_that_is_not_allowed_gets_no_credential(
    twilio_provider: SmsProvider, settings: Settings
) -> None:
    settings.TWILIO_API_URL = "https://collector.example.net"

    result = send(twilio_provider)

    assert (result.error_code, result.verdict.cause) == (
        "address-refused",
        Cause.PROVIDER_INCOMPLETE,
    )


# The deadline


@pytest.mark.faults
@pytest.mark.parametrize("behaviour", [hang(), drip(0.05), slow(30)], ids=["hang", "drip", "slow"])
def test_the_deadline_holds_whatever_twilio_does(
    twilio: TwilioServer, twilio_provider: SmsProvider, behaviour: Any
) -> None:
    twilio.behave_next(behaviour)
    began = time.monotonic()

    result = send(twilio_provider, seconds=0.7)

    assert time.monotonic() - began < 1.5
    assert (result.error_code, result.verdict.decision) == ("no-answer", Decision.AMBIGUOUS)


@pytest.mark.faults
def test_the_deadline_holds_on_a_kept_connection_and_the_next_call_works(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    assert send(twilio_provider).verdict.decision is Decision.DONE
    twilio.behave_next(drip(0.05))
    began = time.monotonic()

    assert send(twilio_provider, seconds=0.7).verdict.decision is Decision.AMBIGUOUS
    assert time.monotonic() - began < 1.5
    assert send(twilio_provider).verdict.decision is Decision.DONE


def test_no_time_left_means_not_sent(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    assert send(twilio_provider, seconds=0).error_code == "unreachable"
    assert twilio.requests == []


# What is kept, and asked later


@pytest.mark.parametrize("code", [21211, 21606, 20003])
def test_the_kept_answer_holds_no_number_text_or_token(
    twilio: TwilioServer, twilio_provider: SmsProvider, code: int
) -> None:
    twilio.behave_next(twilio_error(code))

    kept = json.dumps(dict(send(twilio_provider, to="+447700900123x").answer))

    for private in ("7700900123", "482913", twilio.account.auth_token):
        assert private not in kept


def test_it_finds_a_message_whose_answer_was_lost(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    backend = accounts.backend_for(twilio_provider)
    deadline = Deadline.after(5)
    since = timezone.now()
    assert backend.find(PHONE, since=since, body=TEXT, deadline=deadline) is None
    twilio.behave_next(accept_then_drop())
    send(twilio_provider)

    found = backend.find(PHONE, since=since, body=TEXT, deadline=deadline)

    assert found is not None
    assert found.provider_message_id == twilio.messages[0].sid
    assert backend.find(PHONE, since=since, body="another text", deadline=deadline) is None
    later = since + timedelta(seconds=60)
    assert backend.find(PHONE, since=later, body=TEXT, deadline=deadline) is None


def test_it_looks_a_message_up_and_confirms_it(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    backend = accounts.backend_for(twilio_provider)
    sid = send(twilio_provider).provider_message_id
    twilio.wait_until_idle()

    report = backend.lookup(sid, deadline=Deadline.after(5))
    backend.confirm(sid, deadline=Deadline.after(5))

    assert report is not None
    assert (report.raw_status, report.provider_message_id) == ("delivered", sid)
    assert report.price is not None
    assert twilio.message(sid).feedback == "confirmed"


def test_questions_that_fail_are_answered_by_nothing(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    backend = accounts.backend_for(twilio_provider)
    twilio.behave(http_error(500), on=Endpoint.MESSAGE)
    twilio.behave(hang(), on=Endpoint.LIST)

    assert backend.lookup("SM" + "0" * 32, deadline=Deadline.after(5)) is None
    assert (
        backend.find(PHONE, since=an_sms().expires_at, body=TEXT, deadline=Deadline.after(0.3))
        is None
    )


def test_the_sdk_logs_nothing(
    twilio: TwilioServer, twilio_provider: SmsProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    twilio.behave_next(twilio_error(21211))
    send(twilio_provider)
    send(twilio_provider)

    for private in ("7700900123", "482913", twilio.account.auth_token):
        assert private not in caplog.text


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "from django.conf import settings;"
        "settings.configure(INSTALLED_APPS=[], TWILIO_API_URL='', DEBUG=True);"
        "import smsproviders.backends.twilio.outgoing, sys; print('twilio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert TwilioBackend.key == "twilio"
