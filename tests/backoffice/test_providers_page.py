"""What Provider settings shows beside the form: figures, countries, breakers, checks; deleting."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from smsproviders import figures, outbox, tallying
from smsproviders.models import Breaker, ProviderCheck, SmsMessage, SmsProvider
from smsproviders.vocabulary import CheckKind, CheckResult, Decision, Progress
from tests.backoffice.operators import operator, sign_in
from tests.backoffice.provider_pages import CAN_SEE, LIST, address, attempt

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db: None) -> Client:
    return sign_in(Client(), operator("root@example.com", groups=["Administrator"]))


def opened(provider: SmsProvider, country: str) -> Breaker:
    return Breaker.objects.create(
        provider=provider,
        country=country,
        opened_at=timezone.now() - timedelta(minutes=3),
        probe_at=timezone.now() + timedelta(minutes=2, seconds=5),
        error_code="20500",
        cause="sms.provider_down",
    )


def checked(provider: SmsProvider, *, times: int, result: str = CheckResult.OK) -> None:
    now = timezone.now()
    for number in range(times):
        at = now - timedelta(minutes=5 * (times - number))
        ProviderCheck.objects.bulk_create(
            ProviderCheck(provider=provider, at=at, kind=kind, result=result, words=f"No {number}.")
            for kind in (CheckKind.CREDENTIALS, CheckKind.BALANCE)
        )


def page_of(client: Client, provider: SmsProvider, page: str = "change/") -> str:
    return client.get(address(provider, page)).content.decode()


def test_it_says_so_when_nothing_was_sent(integrator: Client, twilio_provider: SmsProvider) -> None:
    page = page_of(integrator, twilio_provider)
    assert "Nothing was sent in the last day." in page
    assert "Not counted yet" in page


def test_it_shows_figures_and_the_table_behind_the_line(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    attempt(twilio_provider, duration_ms=420)
    attempt(twilio_provider, decision=Decision.NEXT, duration_ms=420)
    tallying.count_due()
    answer = integrator.get(address(twilio_provider))
    page = answer.content.decode()
    assert "50 %" in page
    assert "0.4" in page
    assert "2 sends in the last day" in page
    assert page.count('<th scope="row">') >= 24
    assert answer.context["figures"].hours[-1].span.success.whole == 2


def test_each_country_shows_how_it_fares(integrator: Client, twilio_provider: SmsProvider) -> None:
    for number in range(4):
        attempt(twilio_provider, country="FR", progress=Progress.FAILED if number == 0 else "")
    attempt(twilio_provider, country="GB")
    opened(twilio_provider, "DE")
    answer = integrator.get(address(twilio_provider))
    shown = [(row.key, bool(row.breaker)) for row in answer.context["countries"]]
    assert shown == [("DE", True), ("FR", False), ("GB", False)]
    assert answer.context["countries"][1].figures.success.percent == 75
    page = answer.content.decode()
    assert "Left alone" in page
    assert "3 min ago" in page
    assert "in 2 min" in page


def test_countries_are_read_from_the_newest_calls_only(
    twilio_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "SAMPLE", 3)
    attempt(twilio_provider, country="FR")
    for _ in range(3):
        attempt(twilio_provider, country="GB")
    assert [(one.country, one.success.whole) for one in figures.by_country(twilio_provider)] == [
        ("GB", 3)
    ]


def test_the_page_costs_the_same_whatever_was_sent(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(integrator, twilio_provider)
        return len(captured)

    attempt(twilio_provider, country="FR")
    queries()  # what a process learns once
    few = queries()
    for country in ("DE", "GB", "US"):
        attempt(twilio_provider, country=country)
    checked(twilio_provider, times=30)
    tallying.count_due()
    assert queries() == few


def test_a_breaker_is_reset_after_a_question_and_logged(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    opened(twilio_provider, "FR")
    assert "reset-FR" in page_of(integrator, twilio_provider)
    question = page_of(integrator, twilio_provider, "breakers/FR/reset/")
    assert "Messages will go through this provider again at once." in question
    assert Breaker.objects.get().opened_at is not None
    answer = integrator.post(address(twilio_provider, "breakers/FR/reset/"), follow=True)
    assert "Messages go through Twilio again: FR." in answer.content.decode()
    assert Breaker.objects.get().opened_at is None
    event = AuditEvent.objects.get(action="provider.breaker_reset")
    assert event.actor_kind == "operator"


@pytest.mark.parametrize(("country", "key"), [("*", "*"), ("", "none")])
def test_every_country_and_none_can_be_reset_too(
    integrator: Client, twilio_provider: SmsProvider, country: str, key: str
) -> None:
    opened(twilio_provider, country)
    assert f"reset-{key}" in page_of(integrator, twilio_provider)
    integrator.post(address(twilio_provider, f"breakers/{key}/reset/"))
    assert Breaker.objects.get().opened_at is None


def test_what_is_closed_already_is_said(integrator: Client, twilio_provider: SmsProvider) -> None:
    for method in (integrator.get, integrator.post):
        answer = method(address(twilio_provider, "breakers/FR/reset/"), follow=True)
        assert "closed already" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="provider.breaker_reset").exists()


def test_who_may_only_see_can_neither_reset_nor_delete(
    client: Client, twilio_provider: SmsProvider
) -> None:
    opened(twilio_provider, "FR")
    desk = sign_in(client, operator(permissions=CAN_SEE))
    page = page_of(desk, twilio_provider)
    for act in ("breakers/FR/reset/", "delete/"):
        assert act not in page
        assert desk.get(address(twilio_provider, act)).status_code == 403
        assert desk.post(address(twilio_provider, act)).status_code == 403
    assert desk.get(address(twilio_provider, "checks/")).status_code == 403
    assert Breaker.objects.get().opened_at is not None


def test_the_history_goes_back_page_by_page(
    integrator: Client, twilio_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.admin.provider_checks.PAGE", 5)
    checked(twilio_provider, times=6)
    seen: list[Any] = []
    place = address(twilio_provider, "checks/")
    query = ""
    for _ in range(9):
        answer = integrator.get(place + query)
        seen += [moment.at for moment in answer.context["moments"]]
        assert all(len(moment.chips) == 2 for moment in answer.context["moments"])
        query = answer.context["older"]
        if not query:
            break
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)


def test_the_history_shows_only_problems_when_asked(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    checked(twilio_provider, times=2)
    assert "No check found a problem" in page_of(
        integrator, twilio_provider, "checks/?show=problems"
    )
    checked(twilio_provider, times=1, result=CheckResult.PROBLEM)
    page = page_of(integrator, twilio_provider, "checks/?show=problems")
    assert "Credentials: Problem" in page
    assert "No 0." in page


@pytest.mark.parametrize("before", ["nonsense", "", "0199aaaa-0000-7000-8000-000000000000"])
def test_any_address_of_the_history_is_answered(
    integrator: Client, twilio_provider: SmsProvider, before: str
) -> None:
    assert integrator.get(address(twilio_provider, f"checks/?before={before}")).status_code == 200


def test_one_that_never_sent_is_deleted_after_a_question_and_logged(
    root: Client, make_twilio_provider: Callable[..., SmsProvider]
) -> None:
    provider = make_twilio_provider(enabled=False)
    checked(provider, times=1)
    assert "delete/" in page_of(root, provider)
    assert "cannot be undone" in page_of(root, provider, "delete/")
    assert SmsProvider.objects.exists()
    answer: Any = root.post(address(provider, "delete/"))
    assert answer.url == LIST
    assert not SmsProvider.objects.exists()
    event = AuditEvent.objects.get(action="provider.deleted")
    assert event.facts == {"name": "twilio", "backend": "twilio"}
    assert root.post(address(provider, "delete/")).status_code == 404


def test_one_that_has_sent_is_not_deleted(
    root: Client, make_twilio_provider: Callable[..., SmsProvider]
) -> None:
    provider = make_twilio_provider(enabled=False)
    attempt(provider)
    assert "delete/" not in page_of(root, provider)
    assert "history would be lost" in page_of(root, provider, "delete/")
    assert (
        "Nothing was deleted"
        in root.post(address(provider, "delete/"), follow=True).content.decode()
    )
    assert SmsProvider.objects.exists()


def test_an_enabled_one_is_disabled_first(root: Client, twilio_provider: SmsProvider) -> None:
    assert "disable it first" in page_of(root, twilio_provider, "delete/")
    root.post(address(twilio_provider, "delete/"))
    assert SmsProvider.objects.exists()


def test_one_that_is_being_tested_stays_until_that_is_over(
    root: Client, make_twilio_provider: Callable[..., SmsProvider]
) -> None:
    provider = make_twilio_provider(enabled=False)
    outbox.queue(
        number="+447700900123",
        body="x",
        purpose="test",
        expires_at=timezone.now() + timedelta(minutes=5),
        only_provider=provider,
    )
    assert "under way" in page_of(root, provider, "delete/")
    root.post(address(provider, "delete/"))
    assert SmsProvider.objects.exists()
    SmsMessage.objects.update(finished_at=timezone.now())
    root.post(address(provider, "delete/"))
    assert not SmsProvider.objects.exists()


def test_an_integrator_deletes_none(integrator: Client, twilio_provider: SmsProvider) -> None:
    assert "delete/" not in page_of(integrator, twilio_provider)
    assert integrator.post(address(twilio_provider, "delete/")).status_code == 403
