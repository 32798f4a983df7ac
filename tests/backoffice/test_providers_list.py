"""System > SMS providers: the list, and adding one."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from smsproviders import tallying
from smsproviders.models import Breaker, SmsProvider
from smsproviders.vocabulary import CheckResult, Decision, Progress
from tests.backoffice.operators import operator, sign_in
from tests.backoffice.provider_pages import CAN_SEE, LIST, address, attempt

pytestmark = pytest.mark.django_db


def test_an_empty_one_says_what_to_do(integrator: Client) -> None:
    page = integrator.get(LIST).content.decode()
    assert "No SMS provider yet" in page
    assert f'href="{LIST}add/"' in page


def test_who_may_not_add_is_not_offered_it(client: Client) -> None:
    page = sign_in(client, operator(permissions=CAN_SEE)).get(LIST).content.decode()
    assert "No SMS provider yet" in page
    assert f"{LIST}add/" not in page


def test_it_shows_health_balance_and_success(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    twilio_provider.credentials_result = CheckResult.PROBLEM
    twilio_provider.credentials_words = "The token is wrong."
    twilio_provider.balance, twilio_provider.currency = Decimal("3.20"), "EUR"
    twilio_provider.low_balance = Decimal("5")
    twilio_provider.credentials_checked_at = timezone.now() - timedelta(minutes=3)
    twilio_provider.balance_checked_at = timezone.now() - timedelta(minutes=3)
    twilio_provider.save()
    for number in range(4):
        attempt(twilio_provider, progress=Progress.FAILED if number == 0 else "", duration_ms=400)
    tallying.count_due()
    page = integrator.get(LIST).content.decode()
    for words in ("Problem", "The token is wrong.", "3.20 EUR", "Low", "3 min ago", "75 %", "0.4"):
        assert words in page


def test_it_warns_when_none_is_enabled(
    integrator: Client, make_twilio_provider: Callable[..., SmsProvider]
) -> None:
    make_twilio_provider(enabled=False)
    assert "No provider is enabled" in integrator.get(LIST).content.decode()


def test_one_more_provider_or_message_costs_no_more_queries(
    integrator: Client, make_twilio_provider: Callable[..., SmsProvider]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            integrator.get(LIST)
        return len(captured)

    make_twilio_provider()
    queries()  # what a process learns once
    one = queries()
    other = make_twilio_provider(name="second")
    for _ in range(5):
        attempt(other)
    tallying.count_due()
    Breaker.objects.create(provider=other, country="FR", opened_at=timezone.now())
    assert queries() == one


def test_the_worst_is_shown_and_that_there_is_more(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    twilio_provider.credentials_result = CheckResult.PROBLEM
    twilio_provider.credentials_cause = "sms.account_suspended"
    twilio_provider.credentials_checked_at = timezone.now()
    twilio_provider.sender_result = CheckResult.PROBLEM
    twilio_provider.save()
    page = integrator.get(LIST).content.decode()
    assert "Account suspended" in page
    assert "and 1 more" in page
    assert "Sender rejected" not in page


def test_the_line_of_the_day_is_told_in_words(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    page = integrator.get(LIST).content.decode()
    assert "Nothing was sent in the last day." in page
    attempt(twilio_provider)
    attempt(twilio_provider, decision=Decision.NEXT)
    tallying.count_due()
    page = integrator.get(LIST).content.decode()
    assert "2 sends in the last day, at most 2 an hour" in page
    assert "1 failed." in page


def test_the_kind_is_chosen_first(integrator: Client) -> None:
    page = integrator.get(f"{LIST}add/").content.decode()
    assert '?backend=twilio"' in page
    assert "sandbox" not in page  # without DEBUG


@pytest.mark.parametrize("backend", ["sandbox", "nonsense", ""])
def test_a_kind_that_does_not_exist_leads_to_the_choice(integrator: Client, backend: str) -> None:
    for method in (integrator.get, integrator.post):
        answer = method(f"{LIST}add/?backend={backend}")
        assert answer.status_code == 200
        assert "kinds" in answer.context


def test_it_is_saved_disabled_and_asks_before_enabling(
    integrator: Client, twilio_credentials: dict[str, str]
) -> None:
    given = {"caption": "Twilio main", "enabled": "on", "priority": "5", **twilio_credentials}
    answer = integrator.post(f"{LIST}add/?backend=twilio", given)
    provider = SmsProvider.objects.get()
    assert answer["Location"] == address(provider, "enable/")
    assert not provider.enabled
    assert provider.name == "twilio-main"
    assert provider.credentials["auth_token"] == twilio_credentials["auth_token"]
    assert "never checked" in integrator.get(answer["Location"]).content.decode()
    integrator.post(answer["Location"])
    provider.refresh_from_db()
    assert provider.enabled
    assert AuditEvent.objects.filter(action="provider.enabled").count() == 1


def test_reasons_stand_beside_their_fields_and_secrets_are_not_sent_back(
    integrator: Client,
) -> None:
    given = {
        "caption": "",
        "priority": "-1",
        "auth_token": "typed-secret-token",
    }
    answer = integrator.post(f"{LIST}add/?backend=twilio", given)
    form = answer.context["form"]
    assert set(form.common.errors) == {"caption", "priority"}
    given |= {"caption": "X", "priority": "1", "countries": "FR XX", "account_sid": "nonsense"}
    answer = integrator.post(f"{LIST}add/?backend=twilio", given)
    form = answer.context["form"]
    assert set(form.common.errors) == {"countries"}
    assert "account_sid" in form.own.errors
    assert "typed-secret-token" not in answer.content.decode()
    assert not SmsProvider.objects.exists()


def test_a_taken_name_is_said(
    integrator: Client, twilio_provider: SmsProvider, twilio_credentials: dict[str, str]
) -> None:
    given = {"caption": "Other", "name": "twilio", "priority": "5", **twilio_credentials}
    answer = integrator.post(f"{LIST}add/?backend=twilio", given)
    assert "name" in answer.context["form"].common.errors


@pytest.mark.parametrize("group", ["Support", "Security desk", "Auditor"])
def test_s47_other_roles_see_no_provider(
    client: Client, twilio_provider: SmsProvider, group: str
) -> None:
    desk = sign_in(client, operator(groups=[group]))
    for page in (LIST, f"{LIST}add/", address(twilio_provider)):
        assert desk.get(page).status_code == 403
    for act in ("check/", "enable/", "test/"):
        assert desk.post(address(twilio_provider, act)).status_code == 403
