import pytest
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.contract import Check
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, CheckKind, CheckResult
from tests.smsproviders.conftest import MakeProvider
from tests.twilio_server import empty_answer, http_error
from tests.vonage_server import VonageServer, answering, on_the_wire

OK, PROBLEM, UNKNOWN = CheckResult.OK, CheckResult.PROBLEM, CheckResult.UNKNOWN


def checks_of(provider: SmsProvider) -> dict[CheckKind, Check]:
    return {
        found.kind: found for found in (ask() for ask in accounts.backend_for(provider).checks())
    }


def test_a_healthy_account_is_asked_once(
    vonage: VonageServer, vonage_provider: SmsProvider
) -> None:
    found = checks_of(vonage_provider)

    assert list(found) == list(CheckKind)
    assert found[CheckKind.CREDENTIALS].result is OK
    balance = found[CheckKind.BALANCE]
    assert (balance.result, str(balance.words)) == (OK, "12.35 EUR")
    assert (str(balance.balance), balance.currency) == ("12.345678", "EUR")
    assert [one.path for one in vonage.requests] == ["/account/get-balance"]


def test_each_check_stands_alone_too(vonage: VonageServer, vonage_provider: SmsProvider) -> None:
    backend = accounts.backend_for(vonage_provider)

    assert backend.check_credentials().result is OK
    assert backend.check_balance().result is OK
    assert backend.check_sender().result is UNKNOWN


def test_a_wrong_secret_is_a_problem_of_the_credentials(
    vonage: VonageServer, make_vonage_provider: MakeProvider
) -> None:
    found = checks_of(make_vonage_provider(credentials={"api_secret": "wrong"}))

    for kind in (CheckKind.CREDENTIALS, CheckKind.BALANCE):
        assert (found[kind].result, found[kind].cause) == (PROBLEM, Cause.CREDENTIALS_REJECTED)


def test_without_a_signature_secret_the_operator_reads_what_that_costs(
    vonage: VonageServer, make_vonage_provider: MakeProvider
) -> None:
    found = checks_of(make_vonage_provider(credentials={"signature_secret": ""}))

    check = found[CheckKind.ACCOUNT]
    assert (check.result, check.cause) == (UNKNOWN, None)
    assert "stays unknown" in str(check.words)


@pytest.mark.parametrize("balance", [0, 0.0, -3.2, "0.00"])
def test_nothing_left_is_a_problem(
    vonage: VonageServer, vonage_provider: SmsProvider, balance: object
) -> None:
    vonage.change_account(balance=balance)

    check = checks_of(vonage_provider)[CheckKind.BALANCE]

    assert (check.result, check.cause) == (PROBLEM, Cause.BALANCE_LOW)


def test_a_balance_that_fills_itself_is_told(
    vonage: VonageServer, vonage_provider: SmsProvider
) -> None:
    vonage.change_account(auto_reload=True)

    words = str(checks_of(vonage_provider)[CheckKind.BALANCE].words)

    assert words == "12.35 EUR; Vonage tops it up by itself."


@pytest.mark.parametrize(
    "balance", [None, "", "a lot", "Infinity", 1e12, [], float("nan"), float("inf"), {"value": 1}]
)
def test_a_balance_that_is_no_amount_is_unknown(
    vonage: VonageServer, vonage_provider: SmsProvider, balance: object
) -> None:
    vonage.change_account(balance=balance)

    check = checks_of(vonage_provider)[CheckKind.BALANCE]

    assert (check.result, check.balance, check.cause) == (UNKNOWN, None, None)


@pytest.mark.parametrize("body", [[], "text", b"<xml/>", b"[" * 50_000, b""])
def test_an_answer_that_is_none_shows_no_balance(
    vonage: VonageServer, vonage_provider: SmsProvider, body: object
) -> None:
    vonage.behave_about_the_account(answering(body))

    assert checks_of(vonage_provider)[CheckKind.BALANCE].result is UNKNOWN


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        ("account-suspended", Cause.ACCOUNT_SUSPENDED),
        ("invalid-api-key", Cause.CREDENTIALS_REJECTED),
        ("unprovisioned", Cause.PROVIDER_INCOMPLETE),
    ],
)
def test_a_problem_of_the_account_is_named(
    vonage: VonageServer, vonage_provider: SmsProvider, problem: str, cause: Cause
) -> None:
    told = {"type": f"https://developer.nexmo.com/api-errors#{problem}", "title": "No"}
    vonage.behave_about_the_account(answering(told, status=403))

    check = checks_of(vonage_provider)[CheckKind.CREDENTIALS]

    assert (check.result, check.cause) == (PROBLEM, cause)


@pytest.mark.parametrize(
    ("status", "cause"),
    [(503, Cause.PROVIDER_DOWN), (302, Cause.PROVIDER_DOWN), (429, Cause.RATE_LIMITED_BY_PROVIDER)],
)
def test_what_cannot_be_asked_is_unknown_and_says_why(
    vonage: VonageServer, vonage_provider: SmsProvider, status: int, cause: Cause
) -> None:
    vonage.behave_about_the_account(on_the_wire(http_error(status)))

    found = checks_of(vonage_provider)

    for kind in (CheckKind.CREDENTIALS, CheckKind.BALANCE):
        assert (found[kind].result, found[kind].cause) == (UNKNOWN, cause)


def test_an_empty_success_proves_the_credentials_alone(
    vonage: VonageServer, vonage_provider: SmsProvider
) -> None:
    vonage.behave_about_the_account(on_the_wire(empty_answer()))

    found = checks_of(vonage_provider)

    assert found[CheckKind.CREDENTIALS].result is OK
    assert (found[CheckKind.BALANCE].result, found[CheckKind.BALANCE].cause) == (UNKNOWN, None)


def test_nobody_there_is_unknown_and_not_a_wrong_secret(
    vonage_provider: SmsProvider, settings: Settings
) -> None:
    settings.VONAGE_API_URL = "http://127.0.0.1:1"

    check = checks_of(vonage_provider)[CheckKind.CREDENTIALS]

    assert (check.result, check.cause) == (UNKNOWN, Cause.PROVIDER_DOWN)


def test_an_address_that_is_not_allowed_is_told(
    vonage_provider: SmsProvider, settings: Settings
) -> None:
    settings.VONAGE_API_URL = "https://collector.example.net"

    check = checks_of(vonage_provider)[CheckKind.CREDENTIALS]

    assert (check.result, check.cause) == (PROBLEM, Cause.PROVIDER_INCOMPLETE)
