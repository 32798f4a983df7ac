"""One chip for the worst thing about a provider, and what else there is."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backoffice.admin.display import Tone
from backoffice.admin.provider_standing import Standing, standing
from smsproviders import breakers, conditions, report_evidence
from smsproviders.models import Breaker, SmsProvider
from smsproviders.vocabulary import CheckResult

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(hours=1)
OK, PROBLEM, UNKNOWN = CheckResult.OK, CheckResult.PROBLEM, CheckResult.UNKNOWN


@pytest.fixture
def provider(twilio_provider: SmsProvider) -> SmsProvider:
    """Checked just now, and all is well."""
    return seen(twilio_provider, credentials_result=OK, credentials_checked_at=timezone.now())


def seen(provider: SmsProvider, **fields: Any) -> SmsProvider:
    for name, value in fields.items():
        setattr(provider, name, value)
    provider.save()
    return provider


def stands(provider: SmsProvider) -> Standing:
    opened = breakers.open_breakers(provider)
    return standing(provider, open_breakers=opened, kept=provider.conditions.all())


def opened(provider: SmsProvider, *countries: str) -> None:
    for country in countries:
        Breaker.objects.create(
            provider=provider,
            country=country,
            opened_at=timezone.now() - timedelta(minutes=3),
            error_code="20500",
        )


def test_nothing_wrong_is_ok(provider: SmsProvider) -> None:
    found = stands(provider)
    assert (str(found.worst.words), found.worst.tone, found.more) == ("OK", Tone.OK, 0)


@pytest.mark.parametrize(
    ("fields", "words", "tone"),
    [
        (
            {"credentials_result": PROBLEM, "credentials_cause": "sms.credentials_rejected"},
            "Credentials rejected",
            Tone.BAD,
        ),
        (
            {"credentials_result": PROBLEM, "credentials_cause": "sms.test_credentials"},
            "Test account",
            Tone.BAD,
        ),
        ({"credentials_result": PROBLEM}, "Problem", Tone.BAD),
        ({"balance": Decimal(0)}, "No credit", Tone.BAD),
        ({"balance": Decimal(4), "low_balance": Decimal(5)}, "Balance low", Tone.WARN),
        ({"sender_result": PROBLEM}, "Sender rejected", Tone.WARN),
        ({"credentials_result": UNKNOWN}, "Not reached", Tone.WARN),
        ({"credentials_result": UNKNOWN, "credentials_checked_at": None}, "Not checked", Tone.WARN),
        (
            {"credentials_checked_at": LONG_AGO},
            "Check is old",
            Tone.WARN,
        ),
        ({"reports_missed": 3}, "Reports missing", Tone.WARN),
    ],
)
def test_each_fault_has_a_word_and_a_colour(
    provider: SmsProvider, fields: dict[str, Any], words: str, tone: Tone
) -> None:
    worst = stands(seen(provider, **fields)).worst
    assert (str(worst.words), worst.tone) == (words, tone)


def test_what_stops_messages_comes_before_what_may(provider: SmsProvider) -> None:
    seen(provider, sender_result=PROBLEM, balance=Decimal(4), low_balance=Decimal(5))
    opened(provider, "FR")
    found = stands(provider)
    assert [str(fault.words) for fault in found.faults] == [
        "Failing: FR",
        "Sender rejected",
        "Balance low",
    ]
    assert found.more == 2


def test_a_breaker_says_why_and_since_when(provider: SmsProvider) -> None:
    opened(provider, "FR")
    worst = stands(provider).worst
    assert "Too many calls failed." in str(worst.detail)
    assert worst.since is not None


def test_many_countries_are_cut_short_and_an_account_is_named_whole(provider: SmsProvider) -> None:
    opened(provider, "FR", "DE", "GB", "US", "")
    assert str(stands(provider).worst.words) == "Failing: DE, FR, GB +2"
    opened(provider, "*")
    assert str(stands(provider).worst.words) == "Failing: all countries"


def test_a_kind_that_is_gone_shows_the_code(provider: SmsProvider) -> None:
    seen(provider, backend="pigeon")
    opened(provider, "FR")
    assert "Error 20500." in str(stands(provider).worst.detail)


def test_refused_reports_say_what_to_paste(
    provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_evidence, "_took_a_message_untold", lambda provider: True)
    worst = stands(seen(provider, reports_refused=2)).worst
    assert str(worst.words) == "Reports refused"
    assert "Paste the secret" in str(worst.detail)


def test_since_when_is_known_once_it_was_observed(provider: SmsProvider) -> None:
    seen(provider, balance=Decimal(0))
    assert stands(provider).worst.since is None
    conditions.observe(provider)
    assert stands(provider).worst.since is not None


def test_a_disabled_provider_need_not_be_checked(provider: SmsProvider) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    seen(provider, enabled=False, credentials_checked_at=long_ago)
    assert stands(provider).worst.tone == Tone.OK
