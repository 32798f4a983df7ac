"""Sending by a gateway: how a message is written, and what each answer means."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.backends.generic_http.error_classes import CLASSES, ErrorClass
from smsproviders.contract import Deadline, SendResult
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState
from tests.http_gateway import TOKEN, HttpGateway, drip, hang, huge, redirect, says, slow
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.smsproviders.outgoing import PHONE, TEXT, an_sms
from tests.smsproviders.raw_server import answer, raw_server

pytestmark = pytest.mark.django_db

# Ends every field that is made by joining texts; and a placeholder, which must stay as it is.
NASTY = 'a", "admin": true, "x": "\\ &to=%2B1&text=x\r\nX-Evil: 1\r\n\r\n %SECRET% %TO% é👍\u2028'
Send = Callable[..., SendResult]


@pytest.fixture
def send(make_http_provider: MakeProvider) -> Send:
    def _send(*, seconds: float = 5, sms: dict[str, Any] | None = None, **changes: Any) -> Any:
        SmsProvider.objects.all().delete()
        backend = accounts.backend_for(make_http_provider(credentials=changes))
        return backend.send(an_sms(**(sms or {})), deadline=Deadline.after(seconds))

    return _send


def test_it_writes_the_message_as_the_template_says(gateway: HttpGateway, send: Send) -> None:
    sms = an_sms(sender="Example", expires_at=timezone.now() + timedelta(seconds=120.9))

    result = send(sms={"sender": sms.sender, "expires_at": sms.expires_at})

    [message] = gateway.messages
    assert (message.to, message.text, message.fields["from"]) == (PHONE, TEXT, "Example")
    assert message.fields["ttl"] in {119, 120}
    assert message.fields["callback"].startswith("http")
    assert result.provider_message_id == message.id
    assert (result.segments, result.price, result.currency) == (1, Decimal("0.0450"), "EUR")
    assert result.answer == {"http_status": 201}


def test_a_field_without_a_value_is_left_out(gateway: HttpGateway, send: Send) -> None:
    send(sms={"sender": "", "callback_url": ""})

    assert gateway.messages[0].fields.keys() == {"to", "text", "ttl", "reference"}


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        ("json", '{"to": "%TO%", "from": "%FROM%", "text": "%TEXT%"}'),
        ("form", "to=%TO%\nfrom=%FROM%\ntext=%TEXT%"),
        ("query", "to=%TO%\nfrom=%FROM%\ntext=%TEXT%"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nothing_in_a_text_or_sender_ends_its_field(
    gateway: HttpGateway, send: Send, kind: str, template: str, method: str
) -> None:
    result = send(
        sms={"body": NASTY, "sender": NASTY}, body_kind=kind, template=template, method=method
    )

    assert result.verdict.decision is Decision.DONE
    [asked] = gateway.requests
    assert asked.method == method
    assert asked.fields == {"to": PHONE, "from": NASTY, "text": NASTY}
    assert TOKEN not in str(asked.fields)
    assert "x-evil" not in asked.headers


def test_nothing_in_a_sender_ends_its_header(gateway: HttpGateway, send: Send) -> None:
    send(sms={"sender": NASTY}, headers="X-From: %FROM%\nX-Id: %ID%;%TO_DIGITS%")

    [asked] = gateway.requests
    assert "x-evil" not in asked.headers
    assert asked.headers["x-from"].startswith('a", "admin": true')
    assert asked.headers["x-id"].endswith(f";{PHONE[1:]}")


def test_fields_in_the_address_join_those_it_has(gateway: HttpGateway, send: Send) -> None:
    send(
        url=f"{gateway.url}/messages?reference=a%26b",
        method="GET",
        body_kind="query",
        template="to=%TO%\ntext=%TEXT%",
    )

    [asked] = gateway.requests
    assert asked.method == "GET"
    assert dict(asked.query) == {"reference": "a&b", "to": PHONE, "text": TEXT}


@pytest.mark.parametrize(
    ("changes", "header", "value"),
    [
        ({"auth": "bearer"}, "authorization", f"Bearer {TOKEN}"),
        (
            {"auth": "basic", "username": "ann"},
            "authorization",
            f"Basic {b64encode(f'ann:{TOKEN}'.encode()).decode()}",
        ),
        ({"auth": "header", "auth_header": "X-Api-Key"}, "x-api-key", TOKEN),
        ({"auth": "none", "headers": "X-Api-Key: %SECRET%"}, "x-api-key", TOKEN),
    ],
)
def test_it_signs_in_as_the_gateway_wants(
    gateway: HttpGateway, send: Send, changes: dict[str, str], header: str, value: str
) -> None:
    assert send(**changes).verdict.decision is Decision.DONE

    [asked] = gateway.requests
    assert asked.headers[header] == value


def test_the_secret_may_stand_in_the_message(gateway: HttpGateway, send: Send) -> None:
    template = '{"to": "%TO%", "text": "%TEXT%", "key": "%SECRET%"}'

    assert send(auth="none", template=template).verdict.decision is Decision.DONE
    assert "authorization" not in gateway.requests[0].headers


def test_form_fields_say_that_they_are_some(gateway: HttpGateway, send: Send) -> None:
    send(body_kind="form", template="to=%TO%\ntext=%TEXT%\nttl=%TTL%")

    [asked] = gateway.requests
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(asked.body.decode()))["to"] == PHONE


def test_without_a_path_of_the_id_it_is_our_own(gateway: HttpGateway, send: Send) -> None:
    result = send(id_path="")

    assert result.provider_message_id == gateway.messages[0].fields["reference"]


NEXT, ONCE, STOP, RETRY = Decision.NEXT, Decision.NEXT_ONCE, Decision.STOP, Decision.RETRY
AMBIGUOUS = Decision.AMBIGUOUS


@pytest.mark.parametrize(
    ("status", "body", "code", "decision", "cause"),
    [
        (401, {}, "http-401", NEXT, Cause.CREDENTIALS_REJECTED),
        (403, {}, "http-403", NEXT, Cause.CREDENTIALS_REJECTED),
        (403, {"error": {"code": "ip-not-known"}}, "http-403", NEXT, Cause.CREDENTIALS_REJECTED),
        (402, {}, "http-402", NEXT, Cause.BALANCE_LOW),
        (429, {}, "http-429", RETRY, Cause.RATE_LIMITED_BY_PROVIDER),
        (500, {}, "server-error", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (503, {"error": {"code": "odd"}}, "odd", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (503, {"error": {"code": "BUSY"}}, "BUSY", NEXT, Cause.PROVIDER_DOWN),
        (400, {}, "http-400", STOP, Cause.UNEXPLAINED),
        (404, b"<html>", "http-404", STOP, Cause.UNEXPLAINED),
        (422, {"error": {"code": "bad-number"}}, "bad-number", STOP, Cause.NUMBER_INVALID),
        (422, {"error": {"code": 4711}}, "4711", STOP, Cause.UNEXPLAINED),
        (403, {"error": {"code": "no-credit"}}, "no-credit", NEXT, Cause.BALANCE_LOW),
        (200, {"error": {"code": "no-credit"}}, "no-credit", NEXT, Cause.BALANCE_LOW),
        (301, {}, "redirect", NEXT, Cause.PROVIDER_INCOMPLETE),
        (307, {}, "redirect", NEXT, Cause.PROVIDER_INCOMPLETE),
        (303, {}, "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, {}, "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, b"", "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, b"OK 17", "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, b"\xff\xfe\x00", "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, b'{"messages": NaN}', "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, b"[" * 100_000, "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, {"messages": [{"id": None}]}, "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (200, {"messages": [{"id": ["a"]}]}, "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
        (204, b"", "unusable-answer", AMBIGUOUS, Cause.PROVIDER_DOWN),
    ],
)
def test_each_answer_decides_what_is_done(
    gateway: HttpGateway,
    send: Send,
    status: int,
    body: Any,
    code: str,
    decision: Decision,
    cause: Cause,
) -> None:
    gateway.behave(says(status, body))

    result = send()

    assert (result.error_code, result.verdict.decision, result.verdict.cause) == (
        code,
        decision,
        cause,
    )


@pytest.mark.parametrize(
    ("told", "code", "decision"),
    [
        ({"status": "0", "id": "a"}, "", Decision.DONE),
        ({"status": 0, "id": "a"}, "", Decision.DONE),
        ({"status": "QUEUED", "id": "a"}, "", Decision.DONE),
        ({"status": 7}, "7", Decision.NEXT),
        ({"status": 8}, "8", Decision.STOP),
        ({"status": 8, "why": "9"}, "9", Decision.RETRY),
        ({}, "unusable-answer", Decision.AMBIGUOUS),
        ({"status": "a whole sentence"}, "unusable-answer", Decision.AMBIGUOUS),
    ],
)
def test_a_condition_tells_success_where_http_does_not(
    gateway: HttpGateway, send: Send, told: dict[str, Any], code: str, decision: Decision
) -> None:
    gateway.behave(says(200, {"messages": [told]}))

    result = send(
        success_when="messages[0].status = 0 | queued",
        error_path="messages[0].why",
        error_map="7 = balance\n9 = retry",
    )

    assert (result.error_code, result.verdict.decision) == (code, decision)


def test_a_success_of_http_that_the_settings_do_not_name_is_not_believed(
    gateway: HttpGateway, send: Send
) -> None:
    assert send(success_statuses="202").verdict.decision is Decision.AMBIGUOUS


def test_the_map_may_speak_of_http(gateway: HttpGateway, send: Send) -> None:
    gateway.behave(says(503, b"Temporal failure, try again later."))

    result = send(error_map="http-503 = next")

    assert (result.error_code, result.verdict.decision) == ("http-503", Decision.NEXT)


def test_a_long_code_is_found_whole_and_kept_short(gateway: HttpGateway, send: Send) -> None:
    gateway.behave(says(400, {"error": {"code": "INVALID_DESTINATION_ADDRESS"}}))
    mapped = "INVALID_DESTINATION_ADDRESS = number-invalid\nINVALID_DESTINATION_COUNTRY = stop"

    result = send(error_map=mapped)

    assert result.verdict.cause is Cause.NUMBER_INVALID
    assert result.error_code == "INVALID_DESTINATION_"


@pytest.mark.parametrize("name", list(ErrorClass))
def test_each_class_of_the_map_means_what_its_table_says(
    gateway: HttpGateway, send: Send, name: ErrorClass
) -> None:
    gateway.behave(says(400, {"error": {"code": "x"}}))

    assert send(error_map=f"x = {name}").verdict == CLASSES[name]


@pytest.mark.faults
@pytest.mark.parametrize("behaviour", [hang(), drip(), slow(5)], ids=["hangs", "drips", "slow"])
def test_it_ends_at_the_deadline(gateway: HttpGateway, send: Send, behaviour: Any) -> None:
    gateway.behave(behaviour)

    result = send(seconds=0.4)

    assert (result.error_code, result.verdict.decision) == ("no-answer", Decision.AMBIGUOUS)


@pytest.mark.faults
def test_an_endless_answer_is_not_read(gateway: HttpGateway, send: Send) -> None:
    gateway.behave(huge())

    assert send().error_code == "no-answer"


def test_nobody_there_is_known_to_have_sent_nothing(send: Send, settings: Settings) -> None:
    settings.HTTP_PROVIDER_ALLOWED_HOSTS = [("127.0.0.1", None)]

    result = send(url="http://127.0.0.1:1/", balance_url="", balance_path="")

    assert (result.error_code, result.verdict.decision) == ("unreachable", Decision.NEXT)


def test_s54_no_redirect_is_followed_to_anywhere(gateway: HttpGateway, send: Send) -> None:
    gateway.behave(redirect(f"{gateway.url}/balance"))

    result = send()

    assert result.verdict.cause is Cause.PROVIDER_INCOMPLETE
    assert [asked.path for asked in gateway.requests] == ["/messages"]


def test_s54_the_environment_chooses_no_proxy(
    gateway: HttpGateway, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert send().verdict.decision is Decision.DONE


def test_s54_a_host_that_is_no_longer_allowed_is_not_called(
    gateway: HttpGateway, http_provider: SmsProvider, settings: Settings
) -> None:
    backend = accounts.backend_for(http_provider)
    settings.HTTP_PROVIDER_ALLOWED_HOSTS = []

    result = backend.send(an_sms(), deadline=Deadline.after(2))

    assert (result.error_code, result.verdict.cause) == (
        "address-not-allowed",
        Cause.PROVIDER_INCOMPLETE,
    )
    accounts.forget()
    with pytest.raises(accounts.ProviderUnusable):
        accounts.backend_for(http_provider)
    assert gateway.requests == []


def test_what_is_kept_of_a_refusal_holds_nothing_private(
    gateway: HttpGateway, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    quoted = (
        f"{TEXT} to {PHONE} / {PHONE[1:]} with {TOKEN} at text=482913%20is%20your&to=%2B{PHONE[1:]}"
    )
    gateway.behave(says(400, {"error": {"code": quoted, "message": quoted}}))

    result = send()

    kept = json.dumps(dict(result.answer)) + result.error_code + caplog.text
    for private in ("482913", PHONE[1:], TOKEN):
        assert private not in kept
    assert result.answer["http_status"] == 400
    assert result.error_code == "http-400"


def test_words_of_a_code_come_from_the_providers_own_map(http_provider: SmsProvider) -> None:
    assert str(accounts.words_for(http_provider, "NO-CREDIT")) == str(
        CLASSES[ErrorClass.BALANCE].words
    )
    assert "map of error codes" in str(accounts.words_for(http_provider, "4711"))
    assert "could not be reached" in str(accounts.words_for(http_provider, "unreachable"))
    assert "refused it" in str(accounts.words_for(http_provider, "http-418"))


def test_words_are_there_although_the_settings_are_not_right_any_more(
    http_provider: SmsProvider, settings: Settings
) -> None:
    settings.HTTP_PROVIDER_ALLOWED_HOSTS = []

    assert "could not be reached" in str(accounts.words_for(http_provider, "unreachable"))


def test_a_code_arrives_by_the_second_when_the_gateway_has_no_credit(
    gateway: HttpGateway, http_provider: SmsProvider, twilio: Any, twilio_provider: SmsProvider
) -> None:
    SmsProvider.objects.filter(pk=twilio_provider.pk).update(priority=20)
    gateway.behave(says(402, {"error": {"code": "no-credit"}}))
    message = queue()

    for _ in range(2):
        deliver_now(message)

    assert outcomes_of(message) == [("Gateway", "next"), ("Twilio", "done")]
    assert message.state == MessageState.ACCEPTED


def test_s73_no_log_holds_the_address_of_a_request_whatever_the_gateway_answers(
    gateway: HttpGateway, send: Send, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    """Fields in the address, among them text and secret; odd headers make the library complain."""
    caplog.set_level("DEBUG")
    odd = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}"
    with raw_server(answer(odd)) as port:
        settings.HTTP_PROVIDER_ALLOWED_HOSTS = [("127.0.0.1", None)]
        for place in (f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/"):
            send(
                seconds=0.5,
                url=place,
                auth="none",
                body_kind="query",
                method="GET",
                template="to=%TO%\ntext=%TEXT%\nkey=%SECRET%",
            )

    for private in ("482913", PHONE[1:], TOKEN):
        assert private not in caplog.text
