"""One call to Vonage over real sockets: what is asked, and what each answer is taken for."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.contract import Deadline, SendResult, SmsBackend
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Decision
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.outgoing import PHONE, TEXT, an_sms
from tests.smsproviders.raw_server import raw_server, silence
from tests.twilio_server import (
    accept_then_drop,
    drip,
    empty_answer,
    hang,
    http_error,
    refuse_before_answer,
    slow,
)
from tests.vonage_server import VonageServer, answering, on_the_wire, refusing

pytestmark = pytest.mark.django_db

LONG = "482913 is your Example security code. " + "It is long. " * 15
RUSSIAN = "482913 — ваш код безопасности Example.\n\n@secure.example.com #482913, и ещё немного."


@pytest.fixture
def backend(vonage: VonageServer, vonage_provider: SmsProvider) -> SmsBackend:
    return accounts.backend_for(vonage_provider)


def send(backend: SmsBackend, *, within: float = 5, **changes: Any) -> SendResult:
    sms = an_sms(**{"sender": "+447700900001", **changes})
    return backend.send(sms, deadline=Deadline.after(within))


def test_it_asks_for_what_a_code_needs(vonage: VonageServer, backend: SmsBackend) -> None:
    sms = an_sms(
        sender="+447700900001",
        callback_url="https://secure.example.com/sms/reports/vonage/?attempt=1",
    )
    result = backend.send(sms, deadline=Deadline.after(5))

    [sent] = vonage.messages
    assert (sent.to, sent.text, sent.type) == (PHONE.removeprefix("+"), TEXT, "text")
    assert sent.sender == "447700900001"
    assert 299_000 <= sent.ttl_ms <= 300_000
    assert (sent.client_ref, sent.wants_receipts) == (str(sms.attempt_id), True)
    assert sent.callback == "https://secure.example.com/sms/reports/vonage/"
    assert result.verdict.decision is Decision.DONE
    assert result.provider_message_id == sent.ids[0]
    assert (result.segments, result.price, result.currency) == (1, Decimal("0.0333"), "EUR")


def test_the_secret_stands_in_no_address(vonage: VonageServer, backend: SmsBackend) -> None:
    send(backend)
    backend.confirm(vonage.messages[0].ids[0], deadline=Deadline.after(5))
    for ask in backend.checks():
        ask()

    assert len(vonage.requests) == 3
    assert not [one for one in vonage.requests if vonage.account.api_secret in str(one.query)]


@pytest.mark.parametrize(
    ("sender", "sent"),
    [("Example", "Example"), ("+12025550123", "12025550123"), ("54321", "54321")],
)
def test_a_sender_goes_as_vonage_writes_it(
    vonage: VonageServer, backend: SmsBackend, sender: str, sent: str
) -> None:
    send(backend, sender=sender)

    assert vonage.messages[0].sender == sent


def test_other_scripts_go_as_unicode(vonage: VonageServer, backend: SmsBackend) -> None:
    assert send(backend, body=RUSSIAN).segments == 2
    assert vonage.messages[0].type == "unicode"


def test_a_text_of_two_parts_costs_both_and_is_known_by_the_first(
    vonage: VonageServer, backend: SmsBackend
) -> None:
    result = send(backend, body=LONG)

    assert (result.segments, result.price) == (2, Decimal("0.0666"))
    assert result.provider_message_id == vonage.messages[0].ids[0]
    assert result.answer["message-ids"] == list(vonage.messages[0].ids)


@pytest.mark.parametrize(("lives", "milliseconds"), [(5, 20_000), (10**7, 604_800_000)])
def test_the_life_stays_within_what_vonage_takes(
    vonage: VonageServer, backend: SmsBackend, lives: int, milliseconds: int
) -> None:
    send(backend, expires_at=timezone.now() + timedelta(seconds=lives))

    assert vonage.messages[0].ttl_ms == milliseconds


def test_without_a_signature_secret_no_receipt_is_asked_for(
    vonage: VonageServer, make_vonage_provider: MakeProvider
) -> None:
    backend = accounts.backend_for(make_vonage_provider(credentials={"signature_secret": ""}))
    assert not backend.calls_back
    send(backend, callback_url="")

    assert not vonage.messages[0].wants_receipts
    assert vonage.messages[0].callback == ""


@pytest.mark.parametrize("statuses", [("1", "0"), ("0", "1"), ("0", "9")])
def test_a_message_taken_in_part_is_in_doubt(
    vonage: VonageServer, backend: SmsBackend, statuses: tuple[str, ...]
) -> None:
    vonage.behave_next(refusing(*statuses))
    result = send(backend, body=LONG)

    assert (result.verdict.decision, result.error_code) == (Decision.AMBIGUOUS, "partly-taken")
    assert result.provider_message_id == ""


def test_a_message_refused_in_all_parts_is_refused(
    vonage: VonageServer, backend: SmsBackend
) -> None:
    vonage.behave_next(refusing("9", "9"))

    assert send(backend, body=LONG).error_code == "9"


def test_the_kept_refusal_holds_neither_text_nor_number_nor_credential(
    vonage: VonageServer, backend: SmsBackend
) -> None:
    vonage.behave_next(refusing("3"))
    kept = send(backend).answer
    secret = vonage.account.api_secret
    told = {"status": "3", "error-text": f"Not {secret}\x00 of {vonage.account.api_key}\ud800"}
    vonage.behave_next(answering({"messages": [told]}))
    other = send(backend).answer

    assert kept["error-text"].startswith("Refused (3)")
    assert other["error-text"] == "Not •• of ••"
    for private in (PHONE.removeprefix("+"), TEXT, "482913"):
        assert private not in str(kept)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        {"messages": []},
        {"messages": "0"},
        {"messages": [{}]},
        {"messages": ["0"]},
        {"messages": [{"status": "0"}]},
        {"messages": [{"status": "unreachable"}]},
        {"messages": [{"status": "0", "message-id": "\x00"}]},
        {"messages": [{"status": "0", "message-id": "A"}, {"error-text": "?"}]},
        b"",
        b"<xml/>",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_success_that_says_nothing_is_in_doubt(
    vonage: VonageServer, backend: SmsBackend, body: object
) -> None:
    vonage.behave_next(answering(body))
    result = send(backend)

    assert (result.verdict.decision, result.error_code) == (Decision.AMBIGUOUS, "unusable-answer")


@pytest.mark.parametrize("price", ["", "free", "NaN", "-Infinity", "1e30", None, {}])
def test_a_price_that_is_none_is_left_out(
    vonage: VonageServer, backend: SmsBackend, price: object
) -> None:
    part = {"status": "0", "message-id": "0A1", "message-price": price}
    vonage.behave_next(answering({"messages": [part]}))
    result = send(backend)

    assert (result.provider_message_id, result.price, result.currency) == ("0A1", None, "")


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (http_error(503), "server-error"),
        (http_error(500), "server-error"),
        (http_error(302), "server-error"),
        (empty_answer(), "unusable-answer"),
        (accept_then_drop(), "no-answer"),
        (refuse_before_answer(), "no-answer"),
        (http_error(401), "4"),
        (http_error(429), "1"),
        (http_error(404), "http-404"),
    ],
)
def test_what_stands_before_vonage_may_fail(
    vonage: VonageServer, backend: SmsBackend, behaviour: Any, code: str
) -> None:
    vonage.behave_next(on_the_wire(behaviour))

    assert send(backend).error_code == code
    assert len(vonage.requests) == 1


@pytest.mark.parametrize("behaviour", [hang(), drip(0.05)])
def test_a_call_ends_at_its_deadline_whatever_comes(
    vonage: VonageServer, backend: SmsBackend, behaviour: Any
) -> None:
    vonage.behave_next(on_the_wire(behaviour))
    deadline = Deadline.after(0.4)
    result = backend.send(an_sms(sender="Example"), deadline=deadline)

    assert (result.verdict.decision, result.error_code) == (Decision.AMBIGUOUS, "no-answer")
    assert deadline.left() == 0
    assert deadline.at + 0.5 > Deadline.after(0).at
    assert len(vonage.requests) == 1


def test_a_slow_answer_is_waited_for(vonage: VonageServer, backend: SmsBackend) -> None:
    vonage.behave_next(on_the_wire(slow(0.2)))

    assert send(backend).verdict.decision is Decision.DONE


def test_nobody_there_is_nothing_sent(vonage_provider: SmsProvider, settings: Settings) -> None:
    settings.VONAGE_API_URL = "http://127.0.0.1:1"
    result = send(accounts.backend_for(vonage_provider))

    assert (result.verdict.decision, result.error_code) == (Decision.NEXT, "unreachable")


def test_no_time_left_is_nothing_sent(vonage: VonageServer, backend: SmsBackend) -> None:
    assert send(backend, within=0).error_code == "unreachable"
    assert vonage.requests == []


def test_a_peer_that_never_speaks_holds_nobody(
    vonage_provider: SmsProvider, settings: Settings
) -> None:
    with raw_server(silence) as port:
        settings.VONAGE_API_URL = f"http://127.0.0.1:{port}"
        result = send(accounts.backend_for(vonage_provider), within=0.3)

    assert result.error_code == "no-answer"


def test_an_address_that_is_not_allowed_gets_no_credential(
    vonage_provider: SmsProvider, settings: Settings
) -> None:
    settings.VONAGE_API_URL = "https://collector.example.net"
    result = send(accounts.backend_for(vonage_provider))

    assert (result.verdict.decision, result.error_code) == (Decision.NEXT, "address-refused")


def test_a_typed_code_is_told(vonage: VonageServer, backend: SmsBackend) -> None:
    result = send(backend)
    backend.confirm(result.provider_message_id, deadline=Deadline.after(5))

    [told] = vonage.conversions
    assert (told["message-id"], told["delivered"]) == (result.provider_message_id, "true")
    assert told["timestamp"].startswith(f"{timezone.now():%Y-%m-%d %H:}")


@pytest.mark.parametrize("fault", ["not enabled", "unknown", "down", "refused"])
def test_a_conversion_that_is_not_taken_is_no_error(
    vonage: VonageServer, backend: SmsBackend, settings: Settings, fault: str
) -> None:
    message_id = send(backend).provider_message_id
    if fault == "not enabled":
        vonage.change_account(conversions=False)
    if fault == "down":
        settings.VONAGE_API_URL = "http://127.0.0.1:1"
    if fault == "refused":
        settings.VONAGE_API_URL = "https://collector.example.net"
    backend.confirm("other" if fault == "unknown" else message_id, deadline=Deadline.after(5))

    assert vonage.conversions == []


def test_nothing_private_is_logged(
    vonage: VonageServer, backend: SmsBackend, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    vonage.behave_next(refusing("3"), on_the_wire(http_error(503)))
    for _ in range(3):
        send(backend)
    vonage.change_account(conversions=False)
    backend.confirm(vonage.messages[0].ids[0], deadline=Deadline.after(5))

    account = vonage.account
    for private in (account.api_secret, account.signature_secret, "482913", PHONE[1:]):
        assert private not in caplog.text
