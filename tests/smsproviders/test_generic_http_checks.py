"""What can be known about a gateway without sending."""

import socket
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from smsproviders import accounts
from smsproviders.contract import Check
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, CheckKind, CheckResult
from tests.http_gateway import TOKEN, HttpGateway, hang, says
from tests.smsproviders.conftest import MakeProvider

OK, PROBLEM, UNKNOWN = CheckResult.OK, CheckResult.PROBLEM, CheckResult.UNKNOWN
WITHOUT_BALANCE = {"balance_url": "", "balance_path": ""}


def checks_of(provider: SmsProvider) -> dict[CheckKind, Check]:
    return {
        found.kind: found for found in (ask() for ask in accounts.backend_for(provider).checks())
    }


def test_the_balance_proves_the_credentials(
    gateway: HttpGateway, http_provider: SmsProvider
) -> None:
    found = checks_of(http_provider)

    assert found[CheckKind.CREDENTIALS].result is OK
    balance = found[CheckKind.BALANCE]
    assert (balance.result, str(balance.balance), balance.currency) == (OK, "12.34", "EUR")
    assert {asked.path for asked in gateway.requests} == {"/balance"}


def test_that_no_report_can_be_proved_is_said(
    gateway: HttpGateway, http_provider: SmsProvider, make_http_provider: MakeProvider
) -> None:
    blind = checks_of(http_provider)[CheckKind.ACCOUNT]
    seeing = make_http_provider(name="b", credentials={"webhook_secret": "a secret of reports"})

    assert (blind.result, blind.cause) == (UNKNOWN, None)
    assert "stays unknown" in str(blind.words)
    assert CheckKind.ACCOUNT not in checks_of(seeing)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_secret_is_a_problem_of_the_credentials(
    gateway: HttpGateway, http_provider: SmsProvider, status: int
) -> None:
    gateway.behave(says(status))

    found = checks_of(http_provider)

    for kind in (CheckKind.CREDENTIALS, CheckKind.BALANCE):
        assert (found[kind].result, found[kind].cause) == (PROBLEM, Cause.CREDENTIALS_REJECTED)


def test_without_a_balance_address_it_says_what_would_settle_it(
    gateway: HttpGateway, make_http_provider: MakeProvider
) -> None:
    found = checks_of(make_http_provider(credentials=WITHOUT_BALANCE))

    credentials = found[CheckKind.CREDENTIALS]
    assert (credentials.result, credentials.cause) == (UNKNOWN, None)
    assert "test SMS" in str(credentials.words)
    assert (found[CheckKind.BALANCE].result, found[CheckKind.BALANCE].cause) == (UNKNOWN, None)
    assert gateway.requests == []


@pytest.mark.parametrize("balance", ["0.00", "-3.20", 0])
def test_nothing_left_is_a_problem(
    gateway: HttpGateway, http_provider: SmsProvider, balance: Any
) -> None:
    gateway.balance = balance

    check = checks_of(http_provider)[CheckKind.BALANCE]

    assert (check.result, check.cause) == (PROBLEM, Cause.BALANCE_LOW)


@pytest.mark.parametrize("balance", ["Infinity", "a lot", "99999999999", None, {"a": 1}, ""])
def test_what_is_no_amount_is_unknown_and_says_where_it_looked(
    gateway: HttpGateway, http_provider: SmsProvider, balance: Any
) -> None:
    gateway.balance = balance

    check = checks_of(http_provider)[CheckKind.BALANCE]

    assert (check.result, check.cause, check.balance) == (UNKNOWN, None, None)
    assert "account.balance" in str(check.words)


@pytest.mark.parametrize(
    ("status", "cause"),
    [(503, Cause.PROVIDER_DOWN), (429, Cause.PROVIDER_DOWN), (404, None), (302, None)],
)
def test_another_answer_is_unknown_and_no_wrong_password(
    gateway: HttpGateway, http_provider: SmsProvider, status: int, cause: Cause | None
) -> None:
    gateway.behave(says(status))

    check = checks_of(http_provider)[CheckKind.CREDENTIALS]

    assert (check.result, check.cause) == (UNKNOWN, cause)


def test_nobody_there_is_unknown(
    make_http_provider: MakeProvider, gateway: HttpGateway, settings: Settings
) -> None:
    settings.HTTP_PROVIDER_ALLOWED_HOSTS += [("127.0.0.1", 1)]

    found = checks_of(make_http_provider(credentials={"balance_url": "http://127.0.0.1:1/"}))

    assert found[CheckKind.CREDENTIALS].cause is Cause.PROVIDER_DOWN


@pytest.mark.faults
def test_a_gateway_that_hangs_does_not_hold_the_check(
    gateway: HttpGateway, http_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsproviders.backends.generic_http.checks.CALL_SECONDS", 0.3)
    gateway.behave(hang())

    assert checks_of(http_provider)[CheckKind.CREDENTIALS].cause is Cause.PROVIDER_DOWN


def test_the_secret_may_stand_in_the_query_of_the_balance_address(
    gateway: HttpGateway, make_http_provider: MakeProvider
) -> None:
    provider = make_http_provider(
        credentials={
            "auth": "none",
            "balance_url": f"{gateway.url}/balance?user=a%20b&key=%SECRET%",
        }
    )

    assert checks_of(provider)[CheckKind.CREDENTIALS].result is OK
    assert dict(gateway.requests[0].query) == {"user": "a b", "key": TOKEN}


@pytest.mark.parametrize("changes", [{}, WITHOUT_BALANCE])
def test_s54_an_address_that_leads_inside_is_told(
    make_http_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    url = "https://gateway.example.com/"
    provider = make_http_provider(credentials={"url": url, "balance_url": url, **changes})
    inside = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [inside])

    check = checks_of(provider)[CheckKind.CREDENTIALS]

    assert (check.result, check.cause) == (PROBLEM, Cause.PROVIDER_INCOMPLETE)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('{"to": "%TO%", "text": "%TEXT%"}', "gateway chooses"),
        ('{"to": "%TO%", "from": "%FROM%", "text": "%TEXT%"}', "test SMS"),
    ],
)
def test_a_sender_cannot_be_checked_and_it_says_why(
    make_http_provider: MakeProvider, template: str, words: str
) -> None:
    check = checks_of(make_http_provider(credentials={"template": template}))[CheckKind.SENDER]

    assert (check.result, check.cause) == (UNKNOWN, None)
    assert words in str(check.words)
