"""Delivery reports as they arrive from outside: S62 to S67 of the security lines, by name."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, queue
from tests.twilio_server import TwilioServer, held, ok, undelivered
from tests.twilio_server.callbacks import signature

pytestmark = pytest.mark.django_db

PUBLIC_URL = "https://secure.example.com"
FORM = "application/x-www-form-urlencoded"

Post = Callable[..., HttpResponse]


@pytest.fixture
def sent(twilio: TwilioServer, twilio_provider: SmsProvider, settings: Settings) -> SmsMessage:
    """A message that Twilio took, whose callbacks are held back."""
    settings.PUBLIC_URL = PUBLIC_URL
    twilio.behave(ok().calling(held()))
    message = deliver_now(queue())
    assert message.state == MessageState.ACCEPTED
    return message


@pytest.fixture
def post(client: Client, twilio: TwilioServer) -> Post:
    """Post a report as Twilio would; `changes` come after the signing, None leaves it out."""

    def _post(
        message: SmsMessage,
        status: str = "delivered",
        *,
        token: str | None = twilio.account.auth_token,
        account_sid: str = twilio.account.sid,
        path: str = "",
        signed_base: str = PUBLIC_URL,
        changes: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        **more: str,
    ) -> HttpResponse:
        attempt = message.attempts.get()
        address = path or f"/sms/reports/twilio/?attempt={attempt.pk}"
        sid = attempt.provider_message_id
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": account_sid, **more}
        signed = (
            {}
            if token is None
            else {"X-Twilio-Signature": signature(signed_base + address, form, token)}
        )
        body = urlencode({**form, **(changes or {})})
        return client.post(address, body, content_type=FORM, headers={**signed, **(headers or {})})  # type: ignore[return-value]

    return _post


def state_of(message: SmsMessage) -> str:
    message.refresh_from_db()
    return message.state


def test_a_signed_report_moves_the_message_on(sent: SmsMessage, post: Post) -> None:
    response = post(sent, "delivered", RawDlrDoneDate="2611241015")

    assert response.status_code == 204
    assert state_of(sent) == MessageState.DELIVERED
    report = DeliveryReport.objects.get()
    assert report.payload == {"MessageStatus": "delivered", "RawDlrDoneDate": "2611241015"}
    assert not report.asked_for


def test_a_failure_is_kept_with_its_code_and_cause(sent: SmsMessage, post: Post) -> None:
    assert post(sent, "undelivered", ErrorCode="30005").status_code == 204

    assert state_of(sent) == MessageState.UNDELIVERED
    assert sent.cause == "sms.number_unknown"
    assert sent.attempts.get().error_code == "30005"


@pytest.mark.django_db(transaction=True)
def test_twilios_own_callbacks_are_taken(
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    settings: Settings,
    live_server: "object",
) -> None:
    settings.PUBLIC_URL = str(live_server)
    twilio.behave(ok().ending(undelivered(30003)).calling(held()))
    message = deliver_now(queue())
    callbacks = twilio.wait_for_held(3)

    answers = [twilio.post(callback).response_status for callback in callbacks]

    assert answers == [204, 204, 204]
    assert state_of(message) == MessageState.UNDELIVERED


def test_s62_no_signature_is_refused(sent: SmsMessage, post: Post) -> None:
    assert post(sent, token=None).status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED
    assert not DeliveryReport.objects.exists()


def test_s62_a_wrong_signature_is_refused(sent: SmsMessage, post: Post) -> None:
    assert post(sent, token="another token").status_code == 403
    assert post(sent, changes={"MessageStatus": "failed"}).status_code == 403
    assert post(sent, token=None, headers={"X-Twilio-Signature": "é" * 28}).status_code == 403
    assert post(sent, token=None, headers={"X-Twilio-Signature": ""}).status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED


def test_s62_another_accounts_report_is_refused(sent: SmsMessage, post: Post) -> None:
    assert post(sent, account_sid="AC" + "0" * 32).status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED


def test_s62_an_unknown_provider_looks_like_a_wrong_signature(sent: SmsMessage, post: Post) -> None:
    unknown = post(sent, path="/sms/reports/no-such-provider/")
    wrong = post(sent, token="another token")

    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)
    assert unknown.status_code == 403


def test_s62_another_providers_secret_does_not_open_this_one(
    sent: SmsMessage, post: Post, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(name="other", credentials={"webhook_secret": "of the other"})

    assert post(sent, token="of the other").status_code == 403
    assert post(sent, token="of the other", path="/sms/reports/other/").status_code == 204
    assert state_of(sent) == MessageState.ACCEPTED  # it is no message of that provider


def test_s63_the_signed_address_is_the_configured_one(sent: SmsMessage, post: Post) -> None:
    forged = post(
        sent, signed_base="https://attacker.example", headers={"Host": "attacker.example"}
    )
    assert forged.status_code == 403
    behind_a_proxy = post(sent, headers={"Host": "10.0.0.7:8000"})
    assert behind_a_proxy.status_code == 204


def test_s63_the_attempt_in_the_address_is_under_the_signature(
    sent: SmsMessage, post: Post, client: Client, twilio: TwilioServer
) -> None:
    attempt = sent.attempts.get()
    form = {
        "MessageSid": attempt.provider_message_id,
        "MessageStatus": "failed",
        "AccountSid": twilio.account.sid,
    }
    signed = signature(f"{PUBLIC_URL}/sms/reports/twilio/", form, twilio.account.auth_token)

    response = client.post(
        f"/sms/reports/twilio/?attempt={attempt.pk}",
        urlencode(form),
        content_type=FORM,
        headers={"X-Twilio-Signature": signed},
    )

    assert response.status_code == 403


def test_s64_a_header_chooses_neither_key_nor_algorithm(sent: SmsMessage, post: Post) -> None:
    header = {"X-Twilio-Webhooks-Signature-Settings": "key=mine,algorithm=none"}

    assert post(sent, token="", headers=header).status_code == 403
    assert post(sent, headers=header).status_code == 204


def test_two_secrets_are_taken_while_the_token_changes(
    sent: SmsMessage, post: Post, twilio_provider: SmsProvider
) -> None:
    credentials = twilio_provider.credentials
    twilio_provider.credentials = {**credentials, "webhook_secret": "the old one,the new one"}
    twilio_provider.save()

    assert post(sent, "sent", token="the old one").status_code == 204
    assert post(sent, "delivered", token="the new one").status_code == 204
    assert post(sent, "failed", token=credentials["auth_token"]).status_code == 403


def test_s65_a_replay_changes_nothing(sent: SmsMessage, post: Post) -> None:
    answers = [post(sent, "sent").status_code for _ in range(3)]

    assert answers == [204, 204, 204]
    assert DeliveryReport.objects.count() == 1
    assert state_of(sent) == MessageState.SENT


def test_s66_a_state_never_moves_back(sent: SmsMessage, post: Post) -> None:
    for status in ("delivered", "sent", "queued", "failed"):
        assert post(sent, status).status_code == 204

    assert state_of(sent) == MessageState.DELIVERED


def test_s66_unknown_ids_and_statuses_are_harmless(sent: SmsMessage, post: Post) -> None:
    unknown = "/sms/reports/twilio/?attempt=00000000-0000-7000-8000-000000000000"
    assert post(sent, path=unknown, changes=None).status_code == 204
    assert post(sent, path="/sms/reports/twilio/?attempt=%00x").status_code == 204
    assert post(sent, "a status of next year").status_code == 204
    assert SmsAttempt.objects.count() == 1


ODD_REPORTS = [
    (b"", FORM),
    (b"a=" + b"x" * 60_000, FORM),
    (b"&".join(b"a%d=1" % one for one in range(5_000)), FORM),
    (b"\xff\xfe\x00%ZZ&=&&==", FORM),
    (b"a=1", f"{FORM}; charset=utf-16"),
    (b"a=1", f"{FORM}; charset=no-such-charset"),
    (b'{"MessageStatus": "delivered"}', "application/json"),
    (b"{", "application/json"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"--x", "multipart/form-data"),
    (b"<xml/>", "text/xml"),
    (b"a=1", ""),
    (b"a=1", "\x00"),
]


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "bogus"}], ids=["none", "bogus"])
def test_s67_odd_bodies_are_refused_and_never_an_error_of_ours(
    sent: SmsMessage, client: Client, headers: dict[str, str]
) -> None:
    address = "/sms/reports/twilio/?bodySHA256=x"

    for body, content_type in ODD_REPORTS:
        response = client.generic("POST", address, body, content_type, headers=headers)
        assert response.status_code in {400, 403}, (body[:20], content_type)
    assert state_of(sent) == MessageState.ACCEPTED


def test_s67_an_oversized_body_is_not_even_read(sent: SmsMessage, client: Client) -> None:
    response = client.post("/sms/reports/twilio/", b"a" * 70_000, content_type=FORM)
    assert response.status_code == 413
    assert client.post("/sms/reports/twilio/", CONTENT_LENGTH="-5").status_code == 413


@pytest.mark.parametrize(
    "changes",
    [{"MessageStatus": ""}, {"MessageSid": ""}, {"MessageSid": "S" * 500}, {"ErrorCode": "\x00"}],
)
def test_a_proved_report_that_cannot_be_read_is_malformed(
    sent: SmsMessage, post: Post, changes: dict[str, str]
) -> None:
    form = {"MessageSid": sent.attempts.get().provider_message_id, **changes}
    status = form.pop("MessageStatus", "delivered")

    assert post(sent, status, **form).status_code == 400
    assert state_of(sent) == MessageState.ACCEPTED


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_posts_are_taken(sent: SmsMessage, client: Client, method: str) -> None:
    assert getattr(client, method)("/sms/reports/twilio/").status_code == 405


def test_the_signature_stands_in_for_the_csrf_token(sent: SmsMessage, twilio: TwilioServer) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/sms/reports/twilio/", b"", content_type=FORM).status_code == 403
    assert b"CSRF" not in strict.post("/sms/reports/twilio/", b"", content_type=FORM).content


def test_reports_of_a_disabled_provider_are_still_taken(
    sent: SmsMessage, post: Post, twilio_provider: SmsProvider
) -> None:
    SmsProvider.objects.filter(pk=twilio_provider.pk).update(enabled=False)

    assert post(sent).status_code == 204


def test_without_the_key_of_the_secret_the_provider_is_asked_to_call_again(
    sent: SmsMessage, post: Post, settings: Settings
) -> None:
    accounts.forget()
    settings.DATA_KEYS = [b"another key of 32 bytes, alone.."]

    assert post(sent).status_code == 503
