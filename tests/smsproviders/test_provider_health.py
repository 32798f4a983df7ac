from decimal import Decimal

import pytest
import time_machine
from django.utils import translation
from pytest_django.fixtures import Settings

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind, AuditEvent
from smsproviders import accounts, health
from smsproviders.contract import Check
from smsproviders.models import ProviderCheck, SmsProvider
from smsproviders.vocabulary import CheckKind, CheckResult

pytestmark = pytest.mark.django_db

OK, PROBLEM, UNKNOWN = CheckResult.OK, CheckResult.PROBLEM, CheckResult.UNKNOWN


def behave(provider: SmsProvider, behaviour: str) -> None:
    provider.credentials = {"behaves_as": behaviour}
    provider.save()


def crossings() -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(action="provider.health_changed").order_by("id")
    return [(facts["kind"], facts["after"]) for facts in events.values_list("facts", flat=True)]


def test_a_check_is_kept_as_history_and_as_the_health_last_seen(
    sandbox_provider: SmsProvider,
) -> None:
    found = health.check(sandbox_provider)

    assert [one.kind for one in found] == [
        CheckKind.CREDENTIALS,
        CheckKind.BALANCE,
        CheckKind.SENDER,
    ]
    assert ProviderCheck.objects.count() == 3
    assert (sandbox_provider.credentials_result, sandbox_provider.balance) == (OK, Decimal(25))
    assert sandbox_provider.credentials_checked_at
    assert [row.kind for row in health.latest(sandbox_provider)] == [one.kind for one in found]


@pytest.mark.parametrize(
    ("behaviour", "result", "cause"),
    [
        ("wrong_credentials", PROBLEM, "sms.credentials_rejected"),
        ("down", UNKNOWN, "sms.provider_down"),
    ],
)
def test_what_is_wrong_is_kept_with_its_cause(
    sandbox_provider: SmsProvider, behaviour: str, result: CheckResult, cause: str
) -> None:
    behave(sandbox_provider, behaviour)

    found = health.check(sandbox_provider)

    assert health.is_failed(found[0])
    assert sandbox_provider.credentials_result == result
    assert health.latest(sandbox_provider)[0].cause == cause


def test_a_balance_that_could_not_be_asked_keeps_the_last_one(
    sandbox_provider: SmsProvider,
) -> None:
    health.check(sandbox_provider)
    seen_at = sandbox_provider.balance_checked_at
    behave(sandbox_provider, "down")

    health.check(sandbox_provider)

    assert (sandbox_provider.balance, sandbox_provider.balance_checked_at) == (Decimal(25), seen_at)


def test_below_the_threshold_is_a_problem_without_a_cause(sandbox_provider: SmsProvider) -> None:
    sandbox_provider.low_balance = Decimal("30")
    sandbox_provider.save()

    [_credentials, balance, _sender] = health.check(sandbox_provider)

    assert (balance.result, balance.cause) == (PROBLEM, None)
    assert "25.00 EUR" in str(balance.words)
    assert sandbox_provider.balance_is_low


def test_each_crossing_is_told_once_both_ways(sandbox_provider: SmsProvider) -> None:
    health.check(sandbox_provider)
    assert crossings() == []
    behave(sandbox_provider, "wrong_credentials")
    for _ in range(3):
        health.check(sandbox_provider)
    behave(sandbox_provider, "works")
    for _ in range(3):
        health.check(sandbox_provider)

    assert crossings() == [("access", "sms.credentials_rejected"), ("access", "well")]


def test_falling_below_the_threshold_and_to_nothing_are_crossings(
    sandbox_provider: SmsProvider,
) -> None:
    behave(sandbox_provider, "works")
    health.check(sandbox_provider)
    sandbox_provider.low_balance = Decimal("30")
    sandbox_provider.save()
    health.check(sandbox_provider)
    behave(sandbox_provider, "no_balance")
    health.check(sandbox_provider)
    behave(sandbox_provider, "works")
    sandbox_provider.low_balance = None
    sandbox_provider.save()
    health.check(sandbox_provider)

    assert crossings() == [("balance", "low"), ("balance", "gone"), ("balance", "well")]


def test_what_could_not_be_asked_changes_no_condition(sandbox_provider: SmsProvider) -> None:
    for behaviour in ("wrong_credentials", "down", "wrong_credentials"):
        behave(sandbox_provider, behaviour)
        health.check(sandbox_provider)

    assert crossings() == [("access", "sms.credentials_rejected")]


def test_an_operators_check_is_logged_and_a_regular_one_is_not(
    sandbox_provider: SmsProvider,
) -> None:
    health.check(sandbox_provider)
    health.check(sandbox_provider, actor=Actor(ActorKind.OPERATOR, "user:1"))

    [event] = AuditEvent.objects.all()
    assert (event.action, event.actor_id) == ("provider.checked", "user:1")
    assert event.facts["credentials"] == "ok"


def test_the_answer_about_old_credentials_is_not_kept_for_new_ones(
    sandbox_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = accounts.backend_for(sandbox_provider)
    ask = backend.check_credentials

    def changed_meanwhile() -> Check:
        other = SmsProvider.objects.get(pk=sandbox_provider.pk)
        behave(other, "wrong_credentials")
        return ask()

    monkeypatch.setattr(backend, "check_credentials", changed_meanwhile)

    health.check(sandbox_provider)

    assert sandbox_provider.credentials_result == UNKNOWN
    assert not ProviderCheck.objects.exists()


def test_an_unusable_provider_is_a_problem_and_no_error(
    sandbox_provider: SmsProvider, settings: Settings
) -> None:
    settings.DEBUG = False

    [check] = health.check(sandbox_provider)

    assert (check.result, check.cause) == (PROBLEM, "sms.provider_incomplete")


def test_all_enabled_providers_are_checked_although_one_breaks(
    sandbox_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, enabled in (("second", True), ("third", False)):
        other = SmsProvider(caption=name, name=name, backend="sandbox", enabled=enabled)
        other.credentials = {}
        other.save()

    def broken() -> Check:
        raise ZeroDivisionError

    backend = accounts.backend_for(sandbox_provider)
    monkeypatch.setattr(backend, "check_credentials", broken)

    health.check_all()

    checked = SmsProvider.objects.filter(credentials_checked_at__isnull=False)
    assert [provider.name for provider in checked] == ["second"]


def test_history_ends_after_a_month(sandbox_provider: SmsProvider) -> None:
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        health.check(sandbox_provider)
    health.check_all()

    assert ProviderCheck.objects.count() == 3


def test_the_history_is_kept_in_one_language(sandbox_provider: SmsProvider) -> None:
    with translation.override("fr"):
        health.check(sandbox_provider)

    assert ProviderCheck.objects.get(kind="sender").words == "The sandbox takes every sender."
