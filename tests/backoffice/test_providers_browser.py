"""The pages of SMS providers in a real browser: contrast, names, content policy, small screens."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from smsproviders.models import Breaker, ProviderCheck, ProviderTally, SmsProvider
from smsproviders.tallying import spans
from smsproviders.vocabulary import CheckKind, CheckResult
from tests.backoffice.provider_pages import LIST, address, attempt
from tests.backoffice.windows import Open
from tests.services.looks import findings, look_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def providers(make_twilio_provider: Callable[..., SmsProvider]) -> tuple[SmsProvider, ...]:
    """One that is well and busy, one in trouble of every kind, one that never sent."""
    now = timezone.now()
    well = make_twilio_provider(
        caption="Twilio",
        credentials_result=CheckResult.OK,
        credentials_checked_at=now,
        balance=Decimal("1234.50"),
        currency="USD",
        balance_checked_at=now,
    )
    troubled = make_twilio_provider(
        caption="Reserve with a long name of more than thirty letters",
        name="reserve",
        priority=20,
        credentials_result=CheckResult.PROBLEM,
        credentials_cause="sms.credentials_rejected",
        credentials_words="The Account SID with this token or API key is wrong or revoked.",
        credentials_checked_at=now,
        sender_result=CheckResult.PROBLEM,
        sender_words="This number does not belong to the account.",
        balance=Decimal("3.20"),
        low_balance=Decimal("5"),
        currency="EUR",
        balance_checked_at=now,
        reports_missed=3,
        report_refused_at=now,
    )
    unused = make_twilio_provider(caption="Unused", name="unused", enabled=False)
    for number, began_at in enumerate(spans(now - timedelta(days=1), now)):
        for provider in (well, troubled):
            ProviderTally.objects.create(
                provider=provider,
                began_at=began_at,
                calls=20 + number % 37,
                successes=(20 + number % 37) * (95 if provider == well else 60) // 100,
                codes=18,
                typed=15 if provider == well else 5,
                answers={"14": 10, "17": 1},
                arrivals={"25": 10, "30": 1},
            )
    for country in ("FR", "DE", ""):
        Breaker.objects.create(
            provider=troubled,
            country=country,
            opened_at=now - timedelta(minutes=3),
            probe_at=now + timedelta(minutes=2),
            error_code="20500",
        )
    for number in range(3):
        ProviderCheck.objects.bulk_create(
            ProviderCheck(
                provider=troubled,
                at=now - timedelta(minutes=5 * (3 - number)),
                kind=kind,
                result=CheckResult.values[number],
                words="The token is wrong.",
            )
            for kind in CheckKind.values
        )
    attempt(well, country="GB")
    attempt(troubled, country="FR")
    return well, troubled, unused


def test_no_page_has_a_finding_an_overflow_or_a_refused_style(
    open_as: Open,
    providers: tuple[SmsProvider, ...],
    console_errors: list[str],
) -> None:
    well, troubled, unused = providers
    page = open_as()
    for place in (
        LIST,
        address(well),
        address(troubled),
        address(troubled, "checks/"),
        address(troubled, "breakers/FR/reset/"),
        address(unused),
        address(unused, "delete/"),
    ):
        page.goto(place)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        look_everywhere(page)
    assert console_errors == []


def test_an_empty_list_has_no_finding(open_as: Open, console_errors: list[str]) -> None:
    page = open_as(viewport={"width": 320, "height": 900})
    page.goto(LIST)
    assert findings(page) == []
    assert console_errors == []


def test_a_breaker_is_reset_by_keyboard(
    open_as: Open, providers: tuple[SmsProvider, ...], console_errors: list[str]
) -> None:
    _well, troubled, _unused = providers
    page = open_as()
    page.goto(address(troubled))
    page.locator("[data-test=reset-FR]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-test=reset-button]").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Messages go through").wait_for()
    assert page.locator("[data-test=reset-FR]").count() == 0
    assert page.locator("[data-test=reset-DE]").count() == 1
    assert console_errors == []
