import pytest
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.contract import Check
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, CheckKind, CheckResult
from tests.smsproviders.conftest import MakeProvider
from tests.twilio_server import (
    AccountStatus,
    AccountType,
    Endpoint,
    TwilioServer,
    http_error,
    twilio_error,
)

OK, PROBLEM, UNKNOWN = CheckResult.OK, CheckResult.PROBLEM, CheckResult.UNKNOWN


def checks_of(provider: SmsProvider) -> dict[CheckKind, Check]:
    return {
        found.kind: found for found in (ask() for ask in accounts.backend_for(provider).checks())
    }


def test_a_healthy_account_is_in_order(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    found = checks_of(twilio_provider)

    assert list(found) == list(CheckKind)
    assert {one.result for one in found.values()} == {OK}
    balance = found[CheckKind.BALANCE]
    assert (str(balance.balance), balance.currency) == ("12.3400", "USD")


def test_a_wrong_token_is_a_problem_of_the_credentials(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    found = checks_of(make_twilio_provider(credentials={"auth_token": "wrong"}))

    assert found[CheckKind.CREDENTIALS].result is PROBLEM
    assert found[CheckKind.CREDENTIALS].cause is Cause.CREDENTIALS_REJECTED


def test_test_credentials_are_named_so_and_not_called_wrong(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.change_account(test_credentials=True)

    check = checks_of(twilio_provider)[CheckKind.CREDENTIALS]

    assert (check.result, check.cause) == (PROBLEM, Cause.TEST_CREDENTIALS)
    assert "nothing is delivered" in str(check.words)


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.CLOSED])
def test_an_account_that_is_not_active_is_a_problem(
    twilio: TwilioServer, twilio_provider: SmsProvider, status: AccountStatus
) -> None:
    twilio.change_account(status=status)

    check = checks_of(twilio_provider)[CheckKind.ACCOUNT]

    assert (check.result, check.cause) == (PROBLEM, Cause.ACCOUNT_SUSPENDED)
    assert status.value in str(check.words)


def test_a_trial_account_is_told(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    twilio.change_account(type=AccountType.TRIAL)

    check = checks_of(twilio_provider)[CheckKind.ACCOUNT]

    assert (check.result, check.cause) == (PROBLEM, Cause.TEST_CREDENTIALS)


def test_a_standard_api_key_is_proved_although_it_may_not_read_the_account(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    account = twilio.account
    key = {"api_key_sid": account.api_key_sid, "api_key_secret": account.api_key_secret}

    found = checks_of(make_twilio_provider(credentials=key))

    assert found[CheckKind.CREDENTIALS].result is OK
    assert (found[CheckKind.ACCOUNT].result, found[CheckKind.ACCOUNT].cause) == (UNKNOWN, None)


def test_a_sub_account_has_an_unknown_balance_and_not_an_empty_one(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.change_account(owner_sid="AC" + "0" * 32)

    check = checks_of(twilio_provider)[CheckKind.BALANCE]

    assert (check.result, check.balance, check.cause) == (UNKNOWN, None, None)


@pytest.mark.parametrize("balance", ["0.00", "-3.20"])
def test_nothing_left_is_a_problem(
    twilio: TwilioServer, twilio_provider: SmsProvider, balance: str
) -> None:
    twilio.change_account(balance=balance)

    check = checks_of(twilio_provider)[CheckKind.BALANCE]

    assert (check.result, check.cause) == (PROBLEM, Cause.BALANCE_LOW)
    assert str(check.balance) == balance


def test_a_number_of_someone_else_is_no_sender(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    check = checks_of(make_twilio_provider(credentials={"from_number": "+15005550007"}))[
        CheckKind.SENDER
    ]

    assert (check.result, check.cause) == (PROBLEM, Cause.SENDER_REJECTED)


@pytest.mark.parametrize(("known", "result"), [(True, OK), (False, PROBLEM)])
def test_a_messaging_service_is_looked_up(
    twilio: TwilioServer, make_twilio_provider: MakeProvider, known: bool, result: CheckResult
) -> None:
    service = twilio.account.services[0] if known else "MG" + "0" * 32
    settings = {"from_number": "", "messaging_service_sid": service}

    assert checks_of(make_twilio_provider(credentials=settings))[CheckKind.SENDER].result is result


def test_a_sender_name_cannot_be_checked(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    found = checks_of(make_twilio_provider(credentials={"from_number": "Example"}))

    assert (found[CheckKind.SENDER].result, found[CheckKind.SENDER].cause) == (UNKNOWN, None)


def test_what_cannot_be_asked_is_unknown_and_says_why(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave(http_error(503), on=Endpoint.ACCOUNT)
    twilio.behave(twilio_error(20429), on=Endpoint.BALANCE)

    found = checks_of(twilio_provider)

    for kind, cause in (
        (CheckKind.CREDENTIALS, Cause.PROVIDER_DOWN),
        (CheckKind.ACCOUNT, Cause.PROVIDER_DOWN),
        (CheckKind.BALANCE, Cause.RATE_LIMITED_BY_PROVIDER),
    ):
        assert (found[kind].result, found[kind].cause) == (UNKNOWN, cause)


def test_nobody_there_is_unknown_and_not_a_wrong_password(
    twilio_provider: SmsProvider, settings: Settings
) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:1"

    found = checks_of(twilio_provider)

    assert {(one.result, one.cause) for one in found.values()} == {(UNKNOWN, Cause.PROVIDER_DOWN)}


@pytest.mark.parametrize("balance", ["Infinity", "NaN", "a lot", "99999999999"])
def test_a_balance_that_is_no_amount_is_unknown(
    twilio: TwilioServer, twilio_provider: SmsProvider, balance: str
) -> None:
    twilio.change_account(balance=balance)

    assert checks_of(twilio_provider)[CheckKind.BALANCE].result is UNKNOWN


def test_an_address_that_is_not_allowed_is_told(
    twilio_provider: SmsProvider, settings: Settings
) -> None:
    settings.TWILIO_API_URL = "https://collector.example.net"

    found = checks_of(twilio_provider)

    assert {(one.result, one.cause) for one in found.values()} == {
        (PROBLEM, Cause.PROVIDER_INCOMPLETE)
    }


def test_an_account_without_a_balance_of_its_own_may_answer_404(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave(twilio_error(20404), on=Endpoint.BALANCE)

    check = checks_of(twilio_provider)[CheckKind.BALANCE]

    assert (check.result, check.cause) == (UNKNOWN, None)


def test_the_token_in_the_accounts_answer_goes_nowhere(
    twilio: TwilioServer, twilio_provider: SmsProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")

    found = checks_of(twilio_provider)

    assert twilio.account.auth_token not in caplog.text + str(list(found.values()))
