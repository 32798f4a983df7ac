"""Check now and Send test SMS."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.audit.log import SYSTEM
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.policy.changes import change as change_settings
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import CheckResult, Decision
from tests.backoffice.provider_pages import address, attempt
from tests.twilio_server import TwilioServer

pytestmark = pytest.mark.django_db


def test_it_asks_the_provider_and_shows_each_answer(
    integrator: Client, twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    answer = integrator.post(address(twilio_provider, "check/"), follow=True)
    page = answer.content.decode()
    assert "Checked: all is well." in page
    for kind in ("Credentials", "Account", "Balance", "Sender"):
        assert kind in page
    twilio_provider.refresh_from_db()
    assert twilio_provider.credentials_result == CheckResult.OK
    event = AuditEvent.objects.get(action="provider.checked")
    assert event.actor_kind == "operator"


def test_wrong_credentials_are_said(
    integrator: Client,
    twilio: TwilioServer,
    make_twilio_provider: Callable[..., SmsProvider],
) -> None:
    provider = make_twilio_provider(credentials={"auth_token": "wrong"}, enabled=False)
    answer = integrator.post(address(provider, "check/"), {"then_enable": "1"}, follow=True)
    page = answer.content.decode()
    assert "To look at: Credentials" in page
    assert "did not find its credentials right" in page
    provider.refresh_from_db()
    assert not provider.enabled


def test_s44_a_link_checks_nothing(integrator: Client, twilio_provider: SmsProvider) -> None:
    assert integrator.get(address(twilio_provider, "check/")).status_code == 405
    assert integrator.get(address(twilio_provider, "test/")).status_code == 405
    assert not twilio_provider.checks.exists()


def start(integrator: Client, provider: SmsProvider, number: str) -> Any:
    return integrator.post(address(provider, "test/"), {"number": number})


def test_it_queues_a_message_and_follows_it(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    answer = start(integrator, twilio_provider, "+44 7700 900123")
    message = SmsMessage.objects.get()
    assert answer.url == address(twilio_provider, f"test/{message.pk}/")
    page = integrator.get(answer.url).content.decode()
    assert "Queued" in page
    assert "+44••23" in page
    assert "447700900123" not in page
    SmsMessage.objects.update(
        state="delivered",
        accepted_at=message.created_at + timedelta(seconds=1),
        delivered_at=message.created_at + timedelta(seconds=2.5),
        finished_at=timezone.now(),
    )
    status = integrator.get(f"{answer.url}status/")
    assert "no-store" in status["Cache-Control"]
    told = json.loads(status.content)
    assert told["is_over"]
    assert told["tone"] == "ok"
    assert [step["after"] for step in told["steps"]] == ["after 1.0 s", "", "after 2.5 s"]
    assert "447700900123" not in status.content.decode()


@pytest.mark.parametrize(
    ("segments", "price", "told"),
    [
        (None, None, ""),
        (2, None, "2 segments"),
        (1, Decimal("0.00790"), "1 segment, 0.0079 USD"),
        (1, Decimal("0.10000"), "1 segment, 0.10 USD"),
        (1, Decimal(10), "1 segment, 10.00 USD"),
    ],
)
def test_size_and_price_are_told_as_the_provider_does(
    integrator: Client,
    twilio_provider: SmsProvider,
    segments: int | None,
    price: Decimal | None,
    told: str,
) -> None:
    answer = start(integrator, twilio_provider, "+447700900123")
    SmsAttempt.objects.create(
        message=SmsMessage.objects.get(),
        provider=twilio_provider,
        provider_caption="Twilio",
        number=1,
        segments=segments,
        price=price,
        currency="USD" if price else "",
    )
    assert json.loads(integrator.get(f"{answer.url}status/").content)["cost"] == told
    assert (told or "–") in integrator.get(answer.url).content.decode()  # noqa: RUF001


def test_a_failure_is_told_in_the_providers_words(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    answer = start(integrator, twilio_provider, "+447700900123")
    message = SmsMessage.objects.get()
    SmsAttempt.objects.create(
        message=message,
        provider=twilio_provider,
        provider_caption="Twilio",
        number=1,
        decision=Decision.STOP,
        error_code="21211",
    )
    SmsMessage.objects.update(state="failed", finished_at=timezone.now())
    told = json.loads(integrator.get(f"{answer.url}status/").content)
    assert told["tone"] == "bad"
    assert "(error 21211)" in told["error"]


def test_a_number_that_cannot_be_one_is_said(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    for number in ("", "12", "nonsense"):
        answer = start(integrator, twilio_provider, number)
        assert answer.status_code == 200
        assert answer.context["test_form"].errors["number"]
    assert not SmsMessage.objects.exists()


def test_s55_they_are_limited_and_logged(integrator: Client, twilio_provider: SmsProvider) -> None:
    change_settings({"cap_test_sms_hour": "2"}, actor=SYSTEM)
    for _ in range(2):
        start(integrator, twilio_provider, "+447700900123")
    answer = start(integrator, twilio_provider, "+447700900123")
    assert "You have sent 2 test messages" in answer.content.decode()
    assert SmsMessage.objects.count() == 2
    events = AuditEvent.objects.filter(action="provider.test_sms_sent")
    assert [event.outcome for event in events] == [Outcome.REFUSED, Outcome.DONE, Outcome.DONE]


def test_another_providers_test_or_a_clients_message_is_404(
    integrator: Client, make_twilio_provider: Callable[..., SmsProvider]
) -> None:
    mine, other = make_twilio_provider(), make_twilio_provider(name="other")
    start(integrator, other, "+447700900123")
    of_other = SmsMessage.objects.get()
    of_client = attempt(mine).message
    for message in (of_other, of_client):
        for page in ("", "status/"):
            place = address(mine, f"test/{message.pk}/{page}")
            assert integrator.get(place).status_code == 404
