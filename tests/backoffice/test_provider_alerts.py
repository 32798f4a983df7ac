"""Operators are told by e-mail what happens to a provider: once for each change, and of the end."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from backoffice.alerts import operators, provider_conditions
from backoffice.alerts.tasks import tell_operators
from clients.models import Client, User
from smsproviders import conditions, health, report_evidence
from smsproviders.models import Breaker, ProviderCondition, SmsProvider
from smsproviders.vocabulary import CheckResult, ConditionKind
from tests.backoffice.operators import operator
from tests.services.threads import run_together
from tests.smsproviders.conftest import MakeProvider
from twofa import tasks
from twofa.models import Notice

pytestmark = pytest.mark.django_db
QUIET = conditions.QUIET[ConditionKind.ACCESS]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def integrator(db: None) -> User:
    return operator("i@example.com", groups=["Integrator"])


def credentials(provider: SmsProvider, result: CheckResult, cause: str = "") -> None:
    """As a check leaves it."""
    provider.credentials_result, provider.credentials_cause = result, cause
    provider.save()


def rejected(provider: SmsProvider) -> None:
    credentials(provider, CheckResult.PROBLEM, "sms.credentials_rejected")


def accepted(provider: SmsProvider) -> None:
    credentials(provider, CheckResult.OK)


def opened(provider: SmsProvider, country: str) -> Breaker:
    breaker, _ = Breaker.objects.update_or_create(
        provider=provider,
        country=country,
        defaults={"opened_at": timezone.now(), "error_code": "20500", "open_seconds": 30},
    )
    return breaker


def told() -> list[Any]:
    """The e-mails that a look at the providers leads to."""
    tell_operators()
    mail.outbox.clear()
    tasks.sweep_notices()
    return list(mail.outbox)


def subjects() -> list[str]:
    return [message.subject.removeprefix("Back Office: Twilio: ") for message in told()]


def test_it_is_told_once_when_it_turns_bad_and_once_when_it_is_well(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    assert subjects() == []
    rejected(twilio_provider)
    assert subjects() == ["credentials are rejected"]
    for _ in range(3):
        clock.shift(timedelta(hours=1))
        assert subjects() == []
    accepted(twilio_provider)
    assert subjects() == ["credentials are accepted again"]
    clock.shift(timedelta(hours=1))
    assert subjects() == []


def test_a_provider_that_is_well_from_the_start_is_not_told(
    integrator: User, twilio_provider: SmsProvider
) -> None:
    accepted(twilio_provider)
    assert subjects() == []


def test_the_mail_says_what_since_when_and_where_and_holds_no_secret(
    integrator: User, twilio_provider: SmsProvider, settings: Settings
) -> None:
    rejected(twilio_provider)
    since = timezone.now()
    [message] = told()
    page = f"{settings.PUBLIC_URL}/admin/smsproviders/smsprovider/{twilio_provider.pk}/change/"
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    for part in (message.body, html):
        assert "wrong, or were revoked" in part
        assert "Enter the right ones" in part
        assert f"{since:%Y-%m-%d %H:%M} UTC" in part
        assert page in part
        assert twilio_provider.credentials["auth_token"] not in part
    assert message.to == ["i@example.com"]


def test_a_caption_is_text_in_subject_and_html(
    integrator: User, twilio_provider: SmsProvider
) -> None:
    SmsProvider.objects.update(caption="A & <b>\r\nBcc: x@example.com")
    twilio_provider.refresh_from_db()
    rejected(twilio_provider)
    [message] = told()
    assert "A & <b> Bcc: x@example.com" in message.subject
    assert "A &amp; &lt;b&gt;" in message.alternatives[0][0]
    assert message.recipients() == ["i@example.com"]


def test_who_may_change_providers_is_told_and_nobody_else(db: None) -> None:
    right = "smsproviders.change_smsprovider"
    told_of = {
        operator("integrator@example.com", groups=["Integrator"]),
        operator("admin@example.com", groups=["Administrator", "Integrator"]),
        operator("own@example.com", permissions=[right]),
        User.objects.create_superuser("root@example.com"),
    }
    for group in ("Support", "Security desk", "Auditor"):
        operator(f"{group[:2]}@example.com", groups=[group])
    gone = operator("gone@example.com", groups=["Integrator"])
    gone.is_active = False
    gone.save()
    client = operator("client@example.com", permissions=[right])
    client.is_staff = False
    client.save()
    assert set(operators.operators_with(right)) == told_of
    assert operators.operators_with(right).count() == 4


def test_it_is_written_in_the_language_of_the_operator(
    integrator: User, twilio_provider: SmsProvider
) -> None:
    Client.objects.create(user=integrator, name="I", language="de")
    rejected(twilio_provider)
    tell_operators()
    assert Notice.objects.get().language == "de"


def test_without_anybody_to_tell_it_is_not_told_to_who_comes_later(
    twilio_provider: SmsProvider,
) -> None:
    rejected(twilio_provider)
    assert subjects() == []
    operator("i@example.com", groups=["Integrator"])
    assert subjects() == []


def test_another_fault_of_the_account_is_another_change(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    rejected(twilio_provider)
    told()
    clock.shift(QUIET)
    credentials(twilio_provider, CheckResult.PROBLEM, "sms.account_suspended")
    assert subjects() == ["account is suspended"]


def test_an_account_that_could_not_be_asked_changes_nothing(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    rejected(twilio_provider)
    told()
    clock.shift(QUIET)
    credentials(twilio_provider, CheckResult.UNKNOWN, "sms.provider_down")
    assert subjects() == []


def test_what_flaps_is_told_at_intervals_and_its_newest_state_in_the_end(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    found = []
    for number in range(40):
        (rejected if number % 2 == 0 else accepted)(twilio_provider)
        found += subjects()
        clock.shift(timedelta(seconds=30))
    assert found == ["credentials are rejected", "credentials are accepted again"]
    rejected(twilio_provider)
    clock.shift(QUIET)
    assert subjects() == ["credentials are rejected"]


def test_what_was_well_again_within_the_quiet_time_is_not_told_twice(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    rejected(twilio_provider)
    told()
    accepted(twilio_provider)
    assert subjects() == []
    rejected(twilio_provider)
    clock.shift(QUIET)
    assert subjects() == []


def test_the_quiet_time_of_one_kind_hides_no_other(
    integrator: User, twilio_provider: SmsProvider
) -> None:
    rejected(twilio_provider)
    told()
    twilio_provider.balance, twilio_provider.currency = Decimal("0"), "USD"
    twilio_provider.save()
    assert subjects() == ["nothing is left on the account"]


def test_the_balance_is_told_with_its_threshold(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    twilio_provider.low_balance, twilio_provider.currency = Decimal("10"), "USD"
    twilio_provider.balance = Decimal("4.20")
    twilio_provider.save()
    [message] = told()
    assert message.subject.endswith("balance is low")
    assert "4.20 USD left, less than the threshold of 10.00" in message.body
    twilio_provider.balance = Decimal("50")
    twilio_provider.save()
    clock.shift(QUIET)
    assert subjects() == ["balance is enough again"]


def test_breakers_are_told_by_country_and_together(
    integrator: User, twilio_provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    opened(twilio_provider, "FR")
    [message] = told()
    assert message.subject.endswith("messages fail: FR")
    for country in ("DE", "", "GB"):
        opened(twilio_provider, country)
    clock.shift(QUIET)
    assert subjects() == ["messages fail: numbers of no country, DE, FR, GB"]
    Breaker.objects.all().delete()
    clock.shift(QUIET)
    assert subjects() == ["messages pass again"]


def test_a_breaker_of_the_whole_account_says_so(
    integrator: User, twilio_provider: SmsProvider
) -> None:
    opened(twilio_provider, "*")
    assert subjects() == ["messages fail: all countries"]


def test_a_breaker_says_the_providers_last_answer(
    integrator: User, twilio_provider: SmsProvider
) -> None:
    breaker = opened(twilio_provider, "FR")
    breaker.error_code = "20003"
    breaker.save()
    [message] = told()
    assert "Its last answer: The Account SID with this token or API key" in message.body


def test_the_mail_says_what_clients_notice(
    integrator: User, make_twilio_provider: MakeProvider, clock: time_machine.Traveller
) -> None:
    provider = make_twilio_provider()
    rejected(provider)
    [alone] = told()
    assert "No other provider is enabled" in alone.body
    make_twilio_provider(name="reserve")
    credentials(provider, CheckResult.PROBLEM, "sms.account_suspended")
    clock.shift(QUIET)
    [covered] = told()
    assert "take the other enabled providers" in covered.body
    provider.balance, provider.low_balance = Decimal(1), Decimal(5)
    provider.save()
    [low] = told()
    assert "eanwhile" not in low.body


def test_refused_reports_say_where_to_paste_what(
    integrator: User, twilio_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_evidence, "_took_a_message_untold", lambda provider: True)
    SmsProvider.objects.update(reports_refused=2, report_refused_at=timezone.now())
    [message] = told()
    assert message.subject.endswith("delivery reports are refused")
    assert "/sms/reports/twilio/" in message.body


def test_forged_reports_tell_at_most_once_an_hour(
    integrator: User,
    twilio_provider: SmsProvider,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even by somebody who gets between all our reports for hours."""
    monkeypatch.setattr(report_evidence, "_took_a_message_untold", lambda provider: True)
    found = 0
    for number in range(6 * 6):
        SmsProvider.objects.update(
            reports_refused=2 * (number % 2),
            report_refused_at=timezone.now(),
            report_received_at=timezone.now(),
        )
        found += len(told())
        clock.shift(timedelta(minutes=10))
    assert found <= 6


def test_a_disabled_provider_is_told_of_when_it_is_enabled(
    integrator: User, make_twilio_provider: MakeProvider
) -> None:
    provider = make_twilio_provider(enabled=False)
    rejected(provider)
    assert subjects() == []
    provider.enabled = True
    provider.save()
    assert subjects() == ["credentials are rejected"]


def test_one_that_cannot_be_told_does_not_hide_the_others(
    integrator: User, make_twilio_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = make_twilio_provider(caption="Broken"), make_twilio_provider(name="fine")
    rejected(broken)
    rejected(fine)
    alert = provider_conditions._alert

    def failing(condition: ProviderCondition) -> operators.Alert:
        if condition.provider.caption == "Broken":
            raise ZeroDivisionError
        return alert(condition)

    monkeypatch.setattr(provider_conditions, "_alert", failing)
    assert subjects() == ["credentials are rejected"]
    monkeypatch.undo()
    assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_beats_at_once_tell_it_once(integrator: User, twilio_provider: SmsProvider) -> None:
    rejected(twilio_provider)
    run_together(6, lambda _: tell_operators())
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_dies_while_telling_leaves_it_to_the_next(
    integrator: User, twilio_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The e-mail and that it is told are one transaction: neither stays without the other."""
    rejected(twilio_provider)

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(conditions, "mark_told", die)
    with pytest.raises(SystemExit):
        provider_conditions.tell_changes()
    assert not Notice.objects.exists()
    monkeypatch.undo()
    assert subjects() == ["credentials are rejected"]


def test_a_failed_call_over_credentials_is_checked_at_once(
    integrator: User, twilio: Any, make_twilio_provider: MakeProvider
) -> None:
    provider = make_twilio_provider(credentials={"auth_token": "wrong"})
    breaker = opened(provider, "*")
    health.check_doubted()
    provider.refresh_from_db()
    assert provider.credentials_checked_at is None  # an outage is nothing to ask the account about
    breaker.cause = "sms.credentials_rejected"
    breaker.save()
    health.check_doubted()
    provider.refresh_from_db()
    assert provider.credentials_cause == "sms.credentials_rejected"
    checks = provider.checks.count()
    health.check_doubted()
    assert provider.checks.count() == checks
