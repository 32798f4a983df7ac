"""Vonage's delivery receipts as they arrive from outside: S62 to S67 of the security lines."""

import json
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from smsproviders.models import DeliveryReport, SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, queue
from tests.smsproviders.test_vonage_sending import LONG
from tests.twilio_server import accept_then_drop
from tests.vonage_server import VonageServer, on_the_wire, receipt, signed

pytestmark = pytest.mark.django_db

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ADDRESS = "/sms/reports/vonage/"

Post = Callable[..., HttpResponse]


@pytest.fixture
def sent(vonage: VonageServer, vonage_provider: SmsProvider) -> SmsMessage:
    message = deliver_now(queue())
    assert message.state == MessageState.ACCEPTED
    return message


@pytest.fixture
def post(client: Client) -> Post:
    """`changes` come after the signing; None leaves a parameter out."""

    def _post(
        given: dict[str, str],
        *,
        address: str = ADDRESS,
        content_type: str = JSON,
        **changes: str | None,
    ) -> HttpResponse:
        changed = {**given, **{name.replace("_", "-"): one for name, one in changes.items()}}
        params = {name: one for name, one in changed.items() if one is not None}
        body = json.dumps(params) if content_type == JSON else urlencode(params)
        return client.post(address, body, content_type=content_type)  # type: ignore[return-value]

    return _post


@pytest.fixture
def told(vonage: VonageServer) -> Callable[..., dict[str, str]]:
    """The signed receipt of the only message."""

    def _told(status: str = "delivered", err_code: str = "0", **more: str) -> dict[str, str]:
        return receipt(
            vonage.messages[-1], status, err_code, account=vonage.account, part=0, **more
        )

    return _told


Told = Callable[..., dict[str, str]]


def state_of(message: SmsMessage) -> str:
    message.refresh_from_db()
    return message.state


def resign(given: dict[str, str], vonage: VonageServer, **changes: str) -> dict[str, str]:
    params = {name: one for name, one in given.items() if name != "sig"} | changes
    return signed(params, secret=vonage.account.signature_secret)


@pytest.mark.parametrize("content_type", [FORM, JSON])
def test_a_signed_receipt_moves_the_message_on(
    sent: SmsMessage, post: Post, told: Told, content_type: str
) -> None:
    assert post(told(), content_type=content_type).status_code == 204

    assert state_of(sent) == MessageState.DELIVERED
    report = DeliveryReport.objects.get()
    assert report.payload == {
        "status": "delivered",
        "err-code": "0",
        "scts": "2611240914",
        "message-timestamp": "2026-11-24 09:14:02",
        "network-code": "23410",
        "price": "0.03330000",
    }
    assert not report.asked_for


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", "sent"),
        ("buffered", "sent"),
        ("delivered", "delivered"),
        ("unknown", "accepted"),
        ("a status of next year", "accepted"),
    ],
)
def test_each_status_says_how_far_the_message_got(
    sent: SmsMessage, post: Post, told: Told, status: str, state: str
) -> None:
    assert post(told(status)).status_code == 204

    assert state_of(sent) == state
    assert DeliveryReport.objects.get().raw_status == status


def test_a_failure_is_kept_with_its_code_and_cause(
    sent: SmsMessage, post: Post, told: Told
) -> None:
    assert post(told("failed", "3")).status_code == 204

    assert state_of(sent) == MessageState.UNDELIVERED
    assert sent.cause == "sms.number_unknown"
    assert sent.attempts.get().error_code == "dlr-3"
    assert DeliveryReport.objects.get().payload["err-code"] == "3"


def test_a_number_in_json_is_signed_as_its_digits(
    sent: SmsMessage, client: Client, told: Told
) -> None:
    given: dict[str, object] = {**told("failed", "3"), "err-code": 3, "timestamp": 1795511642}

    response = client.post(ADDRESS, json.dumps(given), content_type=JSON)

    assert response.status_code == 204
    assert sent.attempts.get().error_code == "dlr-3"


def test_a_name_with_signs_of_its_own_is_signed_without_them(
    sent: SmsMessage, post: Post, told: Told
) -> None:
    assert post(told(to="A&B=C"), content_type=FORM).status_code == 204
    assert state_of(sent) == MessageState.DELIVERED


def test_s62_no_signature_is_refused(sent: SmsMessage, post: Post, told: Told) -> None:
    for signature in (None, "", "0" * 64, "é" * 64, "\ud800"):
        assert post(told(), sig=signature).status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize("name", ["status", "err-code", "messageId", "client-ref", "nonce"])
def test_s62_whatever_is_changed_is_noticed(
    sent: SmsMessage, post: Post, told: Told, name: str
) -> None:
    assert post(told("sent"), **{name: "another"}).status_code == 403
    assert post(told("sent"), **{name: None}).status_code == 403
    assert post(told("sent"), added="1").status_code == 403


def test_s62_a_receipt_cannot_be_cut_differently(
    sent: SmsMessage, client: Client, told: Told
) -> None:
    """The signed text is the same when two parameters are posted as one."""
    given = told("failed", "3")
    pairs = [
        f"{name}={value}" for name, value in given.items() if name in {"api-key", "client-ref"}
    ]
    joined, value = "&".join(sorted(pairs)).rsplit("=", 1)
    cut = {name: one for name, one in given.items() if name not in {"api-key", "client-ref"}}

    for content_type in (JSON, FORM):
        params = {**cut, joined: value}
        body = json.dumps(params) if content_type == JSON else urlencode(params)
        assert client.post(ADDRESS, body, content_type=content_type).status_code == 403


def test_s62_a_name_that_comes_twice_is_refused(
    sent: SmsMessage, client: Client, told: Told
) -> None:
    body = urlencode([("status", "failed"), *told().items()])

    assert client.post(ADDRESS, body, content_type=FORM).status_code == 403


def test_s62_another_accounts_receipt_is_refused(
    sent: SmsMessage, post: Post, told: Told, vonage: VonageServer
) -> None:
    assert post(resign(told(), vonage, **{"api-key": "ffffffff"})).status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED


def test_s62_another_providers_secret_does_not_open_this_one(
    sent: SmsMessage, post: Post, told: Told, make_vonage_provider: MakeProvider
) -> None:
    make_vonage_provider(name="other", credentials={"signature_secret": "of the other"})
    params = {name: one for name, one in told().items() if name != "sig"}
    forged = signed(params, secret="of the other")

    assert post(forged).status_code == 403
    assert post(forged, address="/sms/reports/other/").status_code == 204
    assert state_of(sent) == MessageState.ACCEPTED  # it is no message of that provider


def test_s62_without_a_secret_nothing_is_proved(
    sent: SmsMessage, post: Post, told: Told, vonage_provider: SmsProvider
) -> None:
    vonage_provider.credentials = {**vonage_provider.credentials, "signature_secret": ""}
    vonage_provider.save()

    params = {name: one for name, one in told().items() if name != "sig"}
    assert post(params).status_code == 403
    assert post(signed(params, secret="")).status_code == 403
    assert post(signed(params, secret=",")).status_code == 403


def test_s63_an_attempt_in_the_address_is_not_believed(
    sent: SmsMessage, post: Post, told: Told, vonage_provider: SmsProvider
) -> None:
    deliver_now(other := queue(reference="challenge-2"))
    address = f"{ADDRESS}?attempt={sent.attempts.get().pk}&client-ref={sent.attempts.get().pk}"

    assert post(told(), address=address).status_code == 204
    assert (state_of(sent), state_of(other)) == (MessageState.ACCEPTED, MessageState.DELIVERED)


@pytest.mark.parametrize("algorithm", ["md5hash", "md5", "sha1", "sha512"])
def test_s64_the_algorithm_is_the_configured_one(
    sent: SmsMessage, post: Post, told: Told, vonage: VonageServer, algorithm: str
) -> None:
    secret = vonage.account.signature_secret
    for more in ({}, {"signature_method": algorithm, "algorithm": algorithm}):
        params = {name: one for name, one in told(**more).items() if name != "sig"}
        assert post(signed(params, secret=secret, algorithm=algorithm)).status_code == 403
    assert state_of(sent) == MessageState.ACCEPTED


def test_sha512_where_it_is_configured(
    sent: SmsMessage,
    post: Post,
    told: Told,
    vonage: VonageServer,
    vonage_provider: SmsProvider,
) -> None:
    vonage_provider.credentials = {**vonage_provider.credentials, "signature_method": "sha512"}
    vonage_provider.save()

    assert post(told()).status_code == 403
    vonage.change_account(algorithm="sha512")
    assert post(told()).status_code == 204


def test_two_secrets_are_taken_while_it_changes(
    sent: SmsMessage, post: Post, told: Told, vonage_provider: SmsProvider, vonage: VonageServer
) -> None:
    secrets = {"signature_secret": "the old one,the new one"}
    vonage_provider.credentials = {**vonage_provider.credentials, **secrets}
    vonage_provider.save()

    assert post(told()).status_code == 403
    for status, secret in (("accepted", "the old one"), ("delivered", "the new one")):
        vonage.change_account(signature_secret=secret)
        assert post(told(status)).status_code == 204
    assert state_of(sent) == MessageState.DELIVERED


def test_s65_a_replay_changes_nothing(sent: SmsMessage, post: Post, told: Told) -> None:
    same = told("accepted")

    assert [post(same).status_code for _ in range(3)] == [204, 204, 204]
    assert DeliveryReport.objects.count() == 1
    assert state_of(sent) == MessageState.SENT


def test_s66_a_state_never_moves_back(sent: SmsMessage, post: Post, told: Told) -> None:
    for status in ("delivered", "accepted", "failed", "expired"):
        assert post(told(status)).status_code == 204

    assert state_of(sent) == MessageState.DELIVERED


def test_s66_unknown_ids_are_harmless(
    sent: SmsMessage, post: Post, told: Told, vonage: VonageServer
) -> None:
    strangers = [
        {"messageId": "0A0", "client-ref": str(uuid4())},
        {"messageId": "0A0", "client-ref": "no id of ours"},
        {"messageId": "0A0"},
        {"client-ref": str(uuid4())},
    ]
    for stranger in strangers:
        assert post(resign(told(), vonage, **stranger)).status_code == 204
    assert state_of(sent) == MessageState.ACCEPTED


def test_a_receipt_without_our_reference_is_known_by_vonages_id(
    sent: SmsMessage, post: Post, told: Told, vonage: VonageServer
) -> None:
    given = {name: one for name, one in told().items() if name not in {"sig", "client-ref"}}

    assert post(resign(given, vonage)).status_code == 204
    assert state_of(sent) == MessageState.DELIVERED


def test_a_receipt_settles_a_call_whose_answer_was_lost(
    vonage: VonageServer, vonage_provider: SmsProvider, post: Post, told: Told
) -> None:
    vonage.behave_next(on_the_wire(accept_then_drop()))
    message = deliver_now(queue())
    assert message.state == MessageState.SENDING

    assert post(told("accepted")).status_code == 204

    assert state_of(message) == MessageState.SENT
    assert deliver_now(message).state == MessageState.SENT
    assert vonage.sends_by_destination().total() == 1


def test_of_a_long_message_the_first_part_is_believed(
    vonage: VonageServer, vonage_provider: SmsProvider, post: Post
) -> None:
    """It holds the code; a receipt of the other part must not hide the one that counts."""
    message = deliver_now(queue(body=LONG))
    [sent] = vonage.messages
    first, second = (
        receipt(sent, account=vonage.account, part=0),
        receipt(sent, account=vonage.account, part=1),
    )

    assert post(second).status_code == 204
    assert state_of(message) == MessageState.ACCEPTED
    assert post(first).status_code == 204
    assert state_of(message) == MessageState.DELIVERED


ODD_RECEIPTS = [
    (b"", FORM),
    (b"", JSON),
    (b"{", JSON),
    (b"[]", JSON),
    (b"null", JSON),
    (b'{"sig": {}}', JSON),
    (b'{"sig": null}', JSON),
    (b'{"sig": true}', JSON),
    (b'{"sig": 1.5}', JSON),
    (b'{"sig": "\\ud800", "a": "\\ud800"}', JSON),
    (b'{"": "1"}', JSON),
    (b"[" * 60_000, JSON),
    (b'{"a":' * 10_000, JSON),
    (b"1" * 60_000, JSON),
    (b"\xff\xfe\x00", JSON),
    (b"a=1&a=2&sig=0", FORM),
    (b"a=" + b"x" * 60_000, FORM),
    (b"&".join(b"a%d=1" % one for one in range(5_000)), FORM),
    (b"\xff\xfe\x00%ZZ&=&&==", FORM),
    (b"a=1", f"{FORM}; charset=utf-16"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"<xml/>", "text/xml"),
    (b"a=1", ""),
]


def test_s67_odd_bodies_are_refused_and_never_an_error_of_ours(
    sent: SmsMessage, client: Client
) -> None:
    for body, content_type in ODD_RECEIPTS:
        response = client.generic("POST", ADDRESS, body, content_type)
        assert response.status_code in {400, 403}, (body[:20], content_type)
    assert state_of(sent) == MessageState.ACCEPTED


@pytest.mark.parametrize("content_type", [FORM, JSON])
@pytest.mark.parametrize(
    "changes",
    [
        {"status": ""},
        {"messageId": ""},
        {"messageId": "0" * 81},
        {"err-code": "\x00"},
        {"to": "\x00"},
    ],
)
def test_a_proved_receipt_that_cannot_be_read_is_malformed(
    sent: SmsMessage,
    post: Post,
    told: Told,
    vonage: VonageServer,
    changes: dict[str, str],
    content_type: str,
) -> None:
    given = resign(told(), vonage, **changes)

    assert post(given, content_type=content_type).status_code == 400
    assert state_of(sent) == MessageState.ACCEPTED


def test_s44_a_get_is_refused_although_vonage_could_make_one(
    sent: SmsMessage, client: Client, told: Told
) -> None:
    """It would write the client's number into the logs of every proxy on the way."""
    assert client.get(ADDRESS, told()).status_code == 405
    assert state_of(sent) == MessageState.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_over_real_sockets(
    vonage: VonageServer, vonage_provider: SmsProvider, settings: Settings, live_server: object
) -> None:
    settings.PUBLIC_URL = str(live_server)
    message = deliver_now(queue())

    status = vonage.report(vonage.messages[0], "failed", "7")

    assert status == 204
    assert state_of(message) == MessageState.UNDELIVERED
    assert message.cause == "sms.handset_unreachable"
