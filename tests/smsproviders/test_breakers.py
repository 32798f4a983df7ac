"""A provider that fails towards a country is left alone for a while, by all workers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent
from backoffice.common.identifiers import uuid7
from smsproviders import breakers, configuring, judging, reports, sweeping
from smsproviders.contract import Report
from smsproviders.log_actions import BREAKER_RESET
from smsproviders.models import EVERY_COUNTRY, Breaker, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.provider_fields import fields_of
from smsproviders.sending.delivering import deliver
from smsproviders.signals import breaker_moved
from smsproviders.vocabulary import BreakerState, Cause, Decision, MessageState, Progress, Verdict
from tests.services.threads import run_together
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.twilio_server import TwilioServer, http_error, no_callbacks, slow, twilio_error

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = Verdict(Decision.DONE, Cause.UNEXPLAINED, "")
BAD = Verdict(Decision.NEXT, Cause.PROVIDER_DOWN, "", counts_for_breaker=True)
REFUSED = Verdict(Decision.NEXT, Cause.CREDENTIALS_REJECTED, "", counts_for_breaker=True)
CAPPED = Verdict(
    Decision.NEXT, Cause.RATE_LIMITED_BY_PROVIDER, "", counts_for_breaker=True, lasting=True
)
THEIRS = Verdict(Decision.STOP, Cause.OPTED_OUT, "")
FRENCH = "+33612345678"


def call(provider: SmsProvider, verdict: Verdict, *, country: str = "GB", **more: Any) -> None:
    """A call that was answered so; judged as a worker does."""
    attempt = SmsAttempt.objects.create(
        message=queue(country=country),
        provider=provider,
        country=country,
        number=1,
        decision=verdict.decision,
        cause="" if verdict is GOOD else verdict.cause,
        counts_for_breaker=verdict.counts_for_breaker,
        **more,
    )
    judging.answered(attempt, verdict, in_spite=False)


def calls(provider: SmsProvider, *verdicts: Verdict, country: str = "GB") -> None:
    for verdict in verdicts:
        call(provider, verdict, country=country)


def open_countries() -> list[str]:
    return [breaker.country for breaker in breakers.open_breakers()]


@pytest.fixture
def news() -> Iterator[list[tuple[str, bool, str]]]:
    """What is told to the layers above."""
    told: list[tuple[str, bool, str]] = []

    def listen(*, country: str, opened: bool, cause: str, **_: Any) -> None:
        told.append((country, opened, cause))

    breaker_moved.connect(listen)
    yield told
    breaker_moved.disconnect(listen)


@pytest.fixture
def broken(twilio_provider: SmsProvider) -> SmsProvider:
    """Its breaker for GB is open since now."""
    calls(twilio_provider, *[BAD] * 5)
    SmsMessage.objects.all().delete()
    return twilio_provider


# Opening


@pytest.mark.parametrize(
    ("verdicts", "opens"),
    [
        pytest.param([BAD] * 5, True, id="five in a row"),
        pytest.param([BAD] * 4, False, id="four in a row"),
        pytest.param([GOOD, *[BAD] * 5], True, id="five after a success"),
        pytest.param([BAD, BAD, GOOD, BAD, BAD], False, id="a success between"),
        pytest.param([BAD, BAD, THEIRS, BAD, BAD, THEIRS, BAD], True, id="recipients between"),
        pytest.param([THEIRS] * 12, False, id="recipients only"),
        pytest.param([BAD, BAD, GOOD, BAD] * 3, True, id="over half of at least ten"),
        pytest.param([GOOD, BAD] * 8, False, id="half of them"),
        pytest.param([BAD, GOOD, BAD, GOOD, BAD, BAD, GOOD, BAD], False, id="of fewer than ten"),
        pytest.param([BAD, REFUSED, BAD, REFUSED, BAD], True, id="five of two kinds"),
    ],
)
def test_it_opens_by_the_latest_calls(
    twilio_provider: SmsProvider, verdicts: list[Verdict], opens: bool
) -> None:
    calls(twilio_provider, *verdicts)
    assert open_countries() == (["GB"] if opens else [])


def test_over_half_counts_within_a_minute(twilio_provider: SmsProvider) -> None:
    with time_machine.travel(timezone.now() - timedelta(seconds=70)):
        calls(twilio_provider, *[BAD, BAD, GOOD] * 2, BAD, BAD)
    calls(twilio_provider, GOOD, BAD, BAD, BAD)
    assert open_countries() == []


def test_what_is_long_ago_says_nothing(twilio_provider: SmsProvider) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        calls(twilio_provider, *[BAD] * 4)
    calls(twilio_provider, BAD)
    assert open_countries() == []


def test_each_country_and_provider_is_judged_by_itself(
    twilio_provider: SmsProvider, make_twilio_provider: MakeProvider
) -> None:
    calls(twilio_provider, *[BAD] * 4)
    calls(twilio_provider, BAD, country="FR")
    calls(make_twilio_provider(name="other"), BAD)
    assert open_countries() == []
    calls(twilio_provider, BAD)
    assert open_countries() == ["GB"]


def test_what_concerns_the_account_opens_one_breaker_for_every_country(
    twilio_provider: SmsProvider, news: list[tuple[str, bool, str]]
) -> None:
    for country in ("GB", "FR", "DE", "GB", "FR"):
        calls(twilio_provider, REFUSED, country=country)
    assert news == [(EVERY_COUNTRY, True, Cause.CREDENTIALS_REJECTED)]


def test_a_daily_cap_opens_it_at_once_and_for_long(twilio_provider: SmsProvider) -> None:
    calls(twilio_provider, GOOD, CAPPED)
    [breaker] = breakers.open_breakers()
    assert breaker.open_seconds == 300


def test_five_that_fail_at_the_same_instant_open_it_once(
    twilio_provider: SmsProvider, news: list[tuple[str, bool, str]]
) -> None:
    assert run_together(5, lambda _: call(twilio_provider, BAD)) == [None] * 5
    assert news == [("GB", True, Cause.PROVIDER_DOWN)]


def test_reports_that_come_after_newer_messages_were_taken_count_too(
    twilio_provider: SmsProvider,
) -> None:
    calls(twilio_provider, *[GOOD] * 9)
    suspended = Verdict(Decision.NEXT, Cause.ACCOUNT_SUSPENDED, "", counts_for_breaker=True)
    for number, attempt in enumerate(SmsAttempt.objects.order_by("pk")[:5]):
        assert open_countries() == []
        told = Report(f"SM{number}", Progress.FAILED, "failed", "30002", attempt.pk, suspended)
        reports.receive(twilio_provider, [told, told], asked_for=False)
    assert open_countries() == [EVERY_COUNTRY]


def test_a_report_of_long_ago_opens_nothing(twilio_provider: SmsProvider) -> None:
    calls(twilio_provider, GOOD)
    attempt = SmsAttempt.objects.get()
    told = Report("SM1", Progress.FAILED, "failed", "63038", attempt.pk, CAPPED)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        reports.receive(twilio_provider, [told], asked_for=False)
    assert open_countries() == []


# While it is open


def test_a_provider_that_fails_is_called_no_more_and_the_message_goes_by_the_next(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="First", name="first", priority=1)
    make_twilio_provider(caption="Second", name="second", priority=2)
    for _ in range(5):
        twilio.behave_next(twilio_error(20503))
        assert deliver_now(deliver_now(queue())).state == MessageState.ACCEPTED
    assert outcomes_of(deliver_now(queue())) == [("Second", "done")]
    french = deliver_now(queue(number=FRENCH))
    assert outcomes_of(french) == [("First", "done")]


def test_a_message_that_all_providers_fail_waits_for_the_next_probe(
    twilio: TwilioServer, broken: SmsProvider
) -> None:
    message = deliver_now(queue())
    assert (message.state, message.cause) == ("queued", Cause.PROVIDER_DOWN)
    assert message.held_since
    assert message.next_attempt_at
    wait = message.next_attempt_at - message.held_since
    assert timedelta(seconds=9) < wait < timedelta(seconds=12)
    assert twilio.requests == []
    with time_machine.travel(message.held_since + timedelta(seconds=30)):
        message = deliver_now(message)
    assert (message.state, message.cause, message.held_since) == ("accepted", "", None)


def test_it_fails_at_once_when_the_next_probe_comes_too_late(
    twilio: TwilioServer, broken: SmsProvider
) -> None:
    Breaker.objects.update(probe_at=timezone.now() + timedelta(seconds=59))
    message = deliver_now(queue())
    assert (message.state, message.cause, message.body) == ("failed", Cause.PROVIDER_DOWN, "")


def test_it_waits_a_minute_at_most(twilio: TwilioServer, broken: SmsProvider) -> None:
    message = deliver_now(queue())
    with time_machine.travel(message.created_at + timedelta(seconds=55)):
        Breaker.objects.update(probe_at=timezone.now() + timedelta(seconds=10))
        message = deliver_now(message)
    assert (message.state, message.cause) == ("failed", Cause.PROVIDER_DOWN)


def test_one_that_waits_when_its_code_dies_failed_for_that_reason(broken: SmsProvider) -> None:
    message = deliver_now(queue(lives=40))
    with time_machine.travel(message.expires_at):
        deliver(message.pk)
        message = deliver_now(message)
    assert (message.state, message.cause) == ("failed", Cause.PROVIDER_DOWN)


def test_a_message_that_one_provider_refused_waits_for_the_other(
    twilio: TwilioServer, broken: SmsProvider, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="Other", name="other", priority=20)
    twilio.behave_next(twilio_error(20003))
    message = deliver_now(queue())
    assert outcomes_of(message) == [("Other", "next")]
    assert (message.state, message.cause) == ("sending", Cause.CREDENTIALS_REJECTED)
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        message = deliver_now(message)
    assert outcomes_of(message) == [("Other", "next"), ("Twilio", "done")]


# The probe


def test_of_many_workers_one_probes(twilio: TwilioServer, broken: SmsProvider) -> None:
    twilio.behave(slow(0.5).calling(no_callbacks()))
    messages = [queue(reference=str(number)) for number in range(8)]
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert run_together(8, lambda one: deliver(messages[one].pk)) == [None] * 8
    assert len(twilio.requests) == 1
    assert SmsAttempt.objects.count() == 1


def test_a_probe_that_is_taken_closes_it_and_lets_go_who_waits(
    twilio: TwilioServer, broken: SmsProvider, news: list[tuple[str, bool, str]]
) -> None:
    waiting = deliver_now(queue())
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert deliver_now(queue()).state == MessageState.ACCEPTED
        assert sweeping.requeue() == 1
        deliver(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == MessageState.ACCEPTED
    assert news == [("GB", False, Cause.PROVIDER_DOWN)]
    assert Breaker.objects.get().state == BreakerState.CLOSED


def test_a_probe_that_fails_opens_it_for_twice_as_long_up_to_five_minutes(
    twilio: TwilioServer, broken: SmsProvider, news: list[tuple[str, bool, str]]
) -> None:
    twilio.behave(twilio_error(20503))
    lasted = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            breaker = Breaker.objects.get()
            assert breaker.probe_at
            clock.move_to(breaker.probe_at)
            deliver_now(queue())
            lasted.append(Breaker.objects.get().open_seconds)
    assert lasted == [60, 120, 240, 300, 300]
    assert news == []


def test_after_it_closed_what_was_before_is_forgiven(
    twilio: TwilioServer, broken: SmsProvider
) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        deliver_now(queue())
        calls(broken, *[BAD] * 4)
        assert open_countries() == []
        calls(broken, BAD)
        assert open_countries() == ["GB"]


@pytest.mark.parametrize("code", [21610, 20429])
def test_a_probe_that_tells_nothing_lets_the_next_one_probe(
    twilio: TwilioServer, broken: SmsProvider, code: int
) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        twilio.behave_next(twilio_error(code))
        deliver_now(queue())
        assert open_countries() == ["GB"]
        deliver_now(queue())
        assert open_countries() == []


def test_a_probe_whose_worker_died_is_given_up_after_a_while(
    twilio: TwilioServer, broken: SmsProvider
) -> None:
    then = timezone.now() + timedelta(seconds=31)
    with time_machine.travel(then):
        with transaction.atomic():
            assert breakers.win_probe(broken.pk, "GB", attempt_id=uuid7())
        assert Breaker.objects.get().state == BreakerState.PROBING
        assert deliver_now(queue()).state == MessageState.QUEUED
    with time_machine.travel(then + timedelta(seconds=16)):
        assert deliver_now(queue()).state == MessageState.ACCEPTED


def test_with_two_breakers_open_one_message_probes_for_both(
    twilio: TwilioServer, broken: SmsProvider
) -> None:
    calls(broken, *[REFUSED] * 5, country="FR")
    assert sorted(open_countries()) == [EVERY_COUNTRY, "GB"]
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert deliver_now(queue()).state == MessageState.ACCEPTED
    assert open_countries() == []


def test_a_call_that_began_before_it_opened_closes_nothing(twilio_provider: SmsProvider) -> None:
    call(twilio_provider, GOOD)
    early = SmsAttempt.objects.get()
    calls(twilio_provider, *[BAD] * 5)
    judging.answered(early, GOOD, in_spite=True)
    assert open_countries() == ["GB"]


# Operators


def test_an_operator_resets_it_which_is_logged(
    twilio: TwilioServer, broken: SmsProvider, news: list[tuple[str, bool, str]]
) -> None:
    waiting = deliver_now(queue())
    assert breakers.reset(broken, "GB", actor=log.SYSTEM)
    assert not breakers.reset(broken, "GB", actor=log.SYSTEM)
    event = AuditEvent.objects.get(action=BREAKER_RESET.key)
    facts = {"name": "twilio", "country": "GB", "cause": "sms.provider_down"}
    assert event.facts == facts
    assert news == [("GB", False, Cause.PROVIDER_DOWN)]
    assert sweeping.requeue() == 1
    deliver(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == MessageState.ACCEPTED
    calls(broken, BAD)
    assert open_countries() == []


def test_with_other_credentials_it_starts_anew(broken: SmsProvider) -> None:
    fields = fields_of(broken)
    credentials = {**fields.credentials, "auth_token": "another"}
    configuring.change(broken, replace(fields, credentials=credentials), actor=log.SYSTEM)
    assert open_countries() == []


def test_a_test_sms_goes_out_in_spite_of_it_and_closes_it(
    twilio: TwilioServer, broken: SmsProvider
) -> None:
    twilio.behave_next(http_error(503))
    assert deliver_now(queue(only_provider=broken)).attempts.count() == 1
    assert open_countries() == ["GB"]
    assert deliver_now(queue(only_provider=broken)).state == MessageState.ACCEPTED
    assert open_countries() == []


def test_it_names_its_state(broken: SmsProvider) -> None:
    breaker = Breaker.objects.get()
    assert breaker.state == BreakerState.OPEN
    assert str(breaker) == "GB: Open"
    breakers.forget(broken)
    breaker.refresh_from_db()
    assert str(breaker) == "GB: Closed"
