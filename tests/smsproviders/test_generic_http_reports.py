"""Delivery reports of a gateway as they arrive from outside: S62 to S67."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from backoffice.common.identifiers import uuid7
from smsproviders import accounts
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState
from tests.http_gateway import HttpGateway, hang, signed, with_token
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, queue

pytestmark = pytest.mark.django_db

SECRET, OLD = "the secret of the reports", "the secret of last year"
ADDRESS = "/sms/reports/gateway/"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Configure = Callable[..., SmsProvider]


@pytest.fixture
def configure(make_http_provider: MakeProvider) -> Configure:
    def _configure(**changes: Any) -> SmsProvider:
        return make_http_provider(
            credentials={"webhook_secret": SECRET, "report_error_path": "error", **changes}
        )

    return _configure


@pytest.fixture
def sent(configure: Configure, gateway: HttpGateway) -> SmsMessage:
    """A message that the gateway took, with settings as they are by default."""
    configure()
    message = deliver_now(queue())
    assert message.state == MessageState.ACCEPTED
    return message


def state_of(message: SmsMessage) -> str:
    message.refresh_from_db()
    return message.state


def their_id(message: SmsMessage) -> str:
    return message.attempts.get().provider_message_id


def body_of(message: SmsMessage, status: str = "delivered", **more: Any) -> bytes:
    return json.dumps({"id": their_id(message), "status": status, **more}).encode()


def post(
    client: Client, body: bytes, *, secret: str = SECRET, kind: str = JSON, path: str = ADDRESS
) -> HttpResponse:
    return client.post(path, content_type=kind, **signed(body, secret))  # type: ignore[return-value]


def test_a_signed_report_moves_the_message_on(sent: SmsMessage, client: Client) -> None:
    assert post(client, body_of(sent, "SENT")).status_code == 204
    assert state_of(sent) == MessageState.SENT
    assert post(client, body_of(sent, "DELIVRD")).status_code == 204

    assert state_of(sent) == MessageState.DELIVERED
    newest = DeliveryReport.objects.latest("id")
    assert (newest.raw_status, newest.payload) == ("DELIVRD", {"status": "DELIVRD", "error": ""})


def test_a_form_is_read_as_well(sent: SmsMessage, client: Client) -> None:
    body = urlencode({"id": their_id(sent), "status": "delivered"}).encode()

    assert post(client, body, kind=FORM).status_code == 204
    assert state_of(sent) == MessageState.DELIVERED


@pytest.mark.parametrize(
    ("error", "cause", "decision"),
    [
        ("bad-number", "sms.number_invalid", Decision.STOP),
        ("4711", "sms.unexplained", Decision.NEXT_ONCE),
        ("", "sms.unexplained", Decision.NEXT_ONCE),
    ],
)
def test_a_failure_is_explained_by_the_map(
    sent: SmsMessage, client: Client, error: str, cause: str, decision: Decision
) -> None:
    assert post(client, body_of(sent, "undelivered", error=error)).status_code == 204

    attempt = sent.attempts.get()
    assert (attempt.cause, attempt.decision, attempt.error_code) == (cause, decision, error)


def test_s62_without_the_right_proof_nothing_happens(sent: SmsMessage, client: Client) -> None:
    body = body_of(sent)
    right = signed(body, SECRET)["headers"]["X-Signature"]
    for headers in (
        {},
        {"X-Signature": ""},
        {"X-Signature": "0" * 64},
        {"X-Signature": SECRET},
        {"X-Signature": "é" * 64},
        {"X-Signature": right[:-1]},
        {"X-Other": right},
        {"Authorization": f"Bearer {SECRET}"},
    ):
        response = client.post(ADDRESS, body, content_type=JSON, headers=headers)
        assert response.status_code == 403, headers
    assert post(client, body, secret="another secret").status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED


def test_s62_a_changed_body_is_not_under_its_signature(sent: SmsMessage, client: Client) -> None:
    headers = signed(body_of(sent, "sent"), SECRET)["headers"]

    response = client.post(ADDRESS, body_of(sent, "failed"), content_type=JSON, headers=headers)

    assert response.status_code == 403


@pytest.mark.parametrize("secrets", [{"webhook_secret": ""}, {}])
def test_s62_without_a_secret_no_report_is_asked_for_nor_taken(
    configure: Configure, client: Client, gateway: HttpGateway, secrets: dict[str, str]
) -> None:
    provider = configure(**{"webhook_secret": "", **secrets})

    assert not accounts.backend_for(provider).calls_back
    message = deliver_now(queue())
    assert "callback" not in gateway.messages[0].fields
    assert post(client, body_of(message), secret="").status_code == 403
    assert state_of(message) == MessageState.ACCEPTED


def test_s62_another_providers_secret_does_not_open_this_one(
    sent: SmsMessage, client: Client, make_http_provider: MakeProvider
) -> None:
    other = "a secret of another provider"
    make_http_provider(name="other", credentials={"webhook_secret": other})

    assert post(client, body_of(sent), secret=other).status_code == 403
    elsewhere = post(client, body_of(sent), secret=other, path="/sms/reports/other/")
    assert elsewhere.status_code == 204
    assert state_of(sent) == MessageState.ACCEPTED  # it is no message of that provider


def test_s63_s65_the_address_of_a_report_chooses_no_message(
    sent: SmsMessage, configure: Configure, client: Client, gateway: HttpGateway
) -> None:
    """A signed report of some other message of the account, sent on with our `?attempt=`."""
    gateway.behave(hang())
    waiting = SmsAttempt.objects.create(
        message=queue(), provider=sent.attempts.get().provider, provider_caption="G", number=1
    )
    foreign = json.dumps({"id": "of-somebody-else", "status": "failed"}).encode()

    for body in (foreign, body_of(sent, "failed")):
        path = f"{ADDRESS}?attempt={waiting.pk}"
        assert post(client, body, path=path).status_code == 204

    waiting.refresh_from_db()
    assert (waiting.progress, waiting.decision, waiting.provider_message_id) == ("", "", "")
    assert state_of(sent) == MessageState.FAILED  # by its own id


def test_s64_the_request_chooses_neither_proof_nor_header(sent: SmsMessage, client: Client) -> None:
    body = body_of(sent)
    token = with_token(body, SECRET, header="X-Signature")
    assert client.post(ADDRESS, content_type=JSON, **token).status_code == 403
    none: dict[str, Any] = {
        "data": body,
        "headers": {"X-Signature": "none", "X-Signature-Algorithm": "none"},
    }
    assert client.post(ADDRESS, content_type=JSON, **none).status_code == 403


def test_the_signature_may_name_its_kind_and_be_in_capitals(
    sent: SmsMessage, client: Client
) -> None:
    body = body_of(sent)
    signature = signed(body, SECRET)["headers"]["X-Signature"]

    for written in (f"sha256={signature}", signature.upper()):
        headers = {"X-Signature": written}
        assert client.post(ADDRESS, body, content_type=JSON, headers=headers).status_code == 204


@pytest.mark.parametrize("header", ["Authorization", "X-Report-Token"])
def test_a_token_proves_where_the_settings_say_so(
    configure: Configure, client: Client, gateway: HttpGateway, header: str
) -> None:
    configure(report_proof="token", report_header=header)
    message = deliver_now(queue())
    body = body_of(message)

    for given in ("wrong token, but as long as right", "", f"{SECRET} "[:-2]):
        wrong = with_token(body, given, header=header)
        assert client.post(ADDRESS, content_type=JSON, **wrong).status_code == 403
    assert post(client, body).status_code == 403
    plain: dict[str, Any] = {"data": body, "headers": {header: SECRET}}
    if header != "Authorization":
        assert client.post(ADDRESS, content_type=JSON, **plain).status_code == 204
    right = with_token(body, SECRET, header=header)
    assert client.post(ADDRESS, content_type=JSON, **right).status_code == 204
    assert state_of(message) == MessageState.DELIVERED


def test_two_secrets_are_taken_while_one_changes(
    configure: Configure, client: Client, gateway: HttpGateway
) -> None:
    provider = configure(previous_webhook_secret=OLD)
    message = deliver_now(queue())

    assert post(client, body_of(message, "sent"), secret=OLD).status_code == 204
    assert post(client, body_of(message, "delivered"), secret=SECRET).status_code == 204
    provider.credentials = {**provider.credentials, "previous_webhook_secret": ""}
    provider.save()
    assert post(client, body_of(message, "failed"), secret=OLD).status_code == 403


def test_s65_a_replay_changes_nothing(sent: SmsMessage, client: Client) -> None:
    answers = [post(client, body_of(sent, "sent")).status_code for _ in range(3)]

    assert answers == [204, 204, 204]
    assert DeliveryReport.objects.count() == 1
    assert state_of(sent) == MessageState.SENT


def test_s66_a_state_never_moves_back_and_unknown_words_change_nothing(
    sent: SmsMessage, client: Client
) -> None:
    for status in ("delivered", "sent", "queued", "failed", "a word of next year"):
        assert post(client, body_of(sent, status)).status_code == 204

    assert state_of(sent) == MessageState.DELIVERED
    assert DeliveryReport.objects.get(raw_status="a word of next year").progress == ""


def test_s66_an_unknown_message_is_harmless(sent: SmsMessage, client: Client) -> None:
    for unknown in ("gw-9999", str(uuid7()), str(sent.attempts.get().pk)):
        body = json.dumps({"id": unknown, "status": "failed"}).encode()
        assert post(client, body).status_code == 204
    assert state_of(sent) == MessageState.ACCEPTED


ODD = [
    (b"", JSON),
    (b"{", JSON),
    (b"null", JSON),
    (b"[]", JSON),
    (b'{"id": "x"}', JSON),
    (b'{"id": {"a": 1}, "status": []}', JSON),
    (b'{"id": "\\u0000", "status": "sent"}', JSON),
    (b'{"id": "x", "status": "\\ud800"}', JSON),
    (b'{"id": "' + b"x" * 500 + b'", "status": "sent"}', JSON),
    (b"[" * 30_000, JSON),
    (b'{"id": NaN, "status": "sent"}', JSON),
    (b"\xff\xfe", JSON),
    (b"id=x&status=%00", FORM),
    (b"id=x", FORM),
    (b"&".join(b"a%d=1" % one for one in range(5_000)), FORM),
    (b"\xff\xfe\x00%ZZ&=&&==", FORM),
    (b"id=x&status=sent", f"{FORM}; charset=utf-16"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"--x", "multipart/form-data"),
    (b"<xml/>", "text/xml"),
    (b"a=1", ""),
    (b"a=1", "\x00"),
]


@pytest.mark.parametrize("secret", [SECRET, "wrong"])
def test_s67_odd_bodies_are_refused_and_never_an_error_of_ours(
    sent: SmsMessage, client: Client, secret: str
) -> None:
    for body, kind in ODD:
        right = signed(body, secret)
        response = client.generic("POST", ADDRESS, body, kind, headers=right["headers"])
        expected = {400, 204} if secret == SECRET and "utf-16" in kind else {400}
        assert response.status_code in (expected if secret == SECRET else {403}), (body[:40], kind)
    assert state_of(sent) == MessageState.ACCEPTED


def test_s67_an_oversized_body_is_not_even_read(sent: SmsMessage, client: Client) -> None:
    assert post(client, b"a" * 70_000).status_code == 413


def test_a_report_in_words_of_another_form_is_read_by_paths(
    configure: Configure, client: Client, gateway: HttpGateway
) -> None:
    configure(
        report_list_path="results",
        report_id_path="message.id",
        report_status_path="state.group",
        report_error_path="state.code",
        status_map="1 = delivered\n5 = undelivered",
    )
    first, second = deliver_now(queue()), deliver_now(queue())
    results = [
        {"message": {"id": their_id(first)}, "state": {"group": 1}},
        {"message": {}, "state": {"group": 1}},
        {"message": {"id": their_id(second)}, "state": {"group": 5, "code": "bad-number"}},
    ]

    assert post(client, json.dumps({"results": results}).encode()).status_code == 204

    assert state_of(first) == MessageState.DELIVERED
    assert (state_of(second), second.cause) == (MessageState.UNDELIVERED, "sms.number_invalid")


def test_our_own_id_in_the_body_settles_a_call_whose_answer_was_lost(
    configure: Configure, client: Client, gateway: HttpGateway
) -> None:
    configure(id_path="", report_id_path="reference")
    provider = SmsProvider.objects.get()
    attempt = SmsAttempt.objects.create(
        message=queue(),
        provider=provider,
        provider_caption="G",
        number=1,
        decision=Decision.AMBIGUOUS,
    )
    body = json.dumps({"reference": str(attempt.pk).upper(), "status": "delivered"}).encode()

    assert post(client, body).status_code == 204

    assert state_of(attempt.message) == MessageState.DELIVERED


def test_our_own_id_may_stand_beside_the_gateways(
    configure: Configure, client: Client, gateway: HttpGateway
) -> None:
    provider = configure(report_own_id_path="reference")
    attempt = SmsAttempt.objects.create(
        message=queue(),
        provider=provider,
        provider_caption="G",
        number=1,
        decision=Decision.AMBIGUOUS,
    )
    told = {"id": "gw-0099", "reference": str(attempt.pk), "status": "sent"}

    assert post(client, json.dumps(told).encode()).status_code == 204

    attempt.refresh_from_db()
    assert (attempt.provider_message_id, attempt.progress) == ("gw-0099", "sent")


def test_messages_known_by_our_own_id_are_reported_by_it(
    configure: Configure, client: Client, gateway: HttpGateway
) -> None:
    configure(id_path="", report_id_path="reference")
    message = deliver_now(queue())
    reference = gateway.messages[0].fields["reference"]
    unknown = json.dumps({"reference": "no id of ours", "status": "failed"}).encode()
    assert post(client, unknown).status_code == 204
    body = json.dumps({"reference": reference, "status": "delivered"}).encode()

    assert post(client, body).status_code == 204

    assert state_of(message) == MessageState.DELIVERED
