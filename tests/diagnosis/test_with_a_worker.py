"""On real processes (web, worker, beat, broker): the verdict stands 5 s after what proves it."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from clients.models import User
from smsproviders import health
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.queue_health import LONG_WAIT
from smsproviders.vocabulary import Progress
from tests.diagnosis import report
from tests.diagnosis.case import Kind
from tests.diagnosis.report import Result
from tests.scenarios.conftest import (  # noqa: F401 - fixtures
    CLIENT,
    NUMBER,
    PASSWORD,
    Product,
    client_account,
    command,
    processes,
    product,
    twilio,
    twilio_process,
)
from tests.twilio_server import http_error, ok, twilio_error, undelivered
from tests.twofa import people

pytestmark = pytest.mark.slow

AT_MOST = timedelta(seconds=5)
Moment = Callable[[], datetime | None]


@pytest.fixture
def ann(product: Product, client_account: User) -> User:  # noqa: F811
    people.sms(client_account, NUMBER)
    return client_account


def asks_for_a_code(product: Product) -> None:  # noqa: F811
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    assert visitor.path == "/sign-in/verify/"


def verdict() -> str:
    return str(json.loads(command("diagnose", CLIENT, "--json"))["verdict"])


def assert_it_stands_soon(name: str, expected: str, proved_at: Moment) -> None:
    """`proved_at`: when the evidence was written down; None: not yet."""
    give_up = time.monotonic() + 25
    found = verdict()
    while found != expected and time.monotonic() < give_up:
        time.sleep(0.1)
        found = verdict()
    right_at, event = timezone.now(), proved_at()
    delay = max(right_at - event, timedelta()) if event else None
    seconds = round(delay.total_seconds(), 1) if delay is not None else None
    report.keep(Result(Kind.WORKER, name, (expected,), (found,), delay=seconds))
    assert found == expected
    assert delay is not None
    assert delay <= AT_MOST


def answered() -> datetime | None:
    attempt = SmsAttempt.objects.exclude(decision="").order_by("id").first()
    if attempt is None:
        return None
    return attempt.started_at + timedelta(milliseconds=attempt.duration_ms or 0)


def reported(progress: Progress) -> Moment:
    def moment() -> datetime | None:
        row = DeliveryReport.objects.filter(progress=progress).first()
        return row.received_at if row else None

    return moment


def test_a_phone_that_is_off_by_the_report(product: Product, ann: User) -> None:  # noqa: F811
    product.twilio.behave(ok().ending(undelivered(30003)))
    asks_for_a_code(product)
    assert_it_stands_soon(
        "a phone is off, by the report",
        "sms.handset_unreachable",
        reported(Progress.UNDELIVERED),
    )


def test_a_message_that_is_delivered_and_not_typed(product: Product, ann: User) -> None:  # noqa: F811
    asks_for_a_code(product)
    assert_it_stands_soon(
        "delivered, and nothing typed", "sms.delivered_not_typed", reported(Progress.DELIVERED)
    )


def test_credentials_that_the_provider_rejects(product: Product, ann: User) -> None:  # noqa: F811
    product.twilio.behave(twilio_error(20003))
    asks_for_a_code(product)
    assert_it_stands_soon("credentials rejected", "sms.credentials_rejected", answered)


def test_a_provider_that_is_down(product: Product, ann: User) -> None:  # noqa: F811
    product.twilio.behave(http_error(503))
    asks_for_a_code(product)
    assert_it_stands_soon("the provider answers 503", "sms.provider_down", answered)


def test_a_balance_that_is_gone(
    product: Product,  # noqa: F811
    ann: User,
    settings: Settings,
) -> None:
    product.twilio.change_account(balance="0.00")
    provider = SmsProvider.objects.get()
    settings.TWILIO_API_URL = product.twilio.url
    health.check(provider)

    def checked() -> datetime | None:
        provider.refresh_from_db()
        return provider.balance_checked_at

    assert_it_stands_soon("the balance is gone, by a check", "sms.balance_low", checked)


def test_a_worker_that_stands_still(product: Product, ann: User) -> None:  # noqa: F811
    """What proves it is the wait itself: ten seconds of it."""
    product.worker.hang()
    try:
        asks_for_a_code(product)

        def too_long() -> datetime:
            return SmsMessage.objects.get().created_at + LONG_WAIT

        assert_it_stands_soon("the worker stands still", "sms.queue_stalled", too_long)
    finally:
        product.worker.resume()
