"""What providers tell later: once, forward only, in whatever order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
import time_machine
from django.db import transaction
from django.utils import timezone

from smsproviders import asking, claiming, reports
from smsproviders.backends.twilio.backend import TwilioBackend
from smsproviders.contract import Report, SendResult
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.sending import calling, delivering, turns
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress, Verdict
from tests.services.threads import run_together
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.twilio_server import TwilioServer, http_error, no_callbacks, ok, undelivered

pytestmark = pytest.mark.django_db(transaction=True)

PHONE_IS_OFF = Verdict(Decision.NEXT_ONCE, Cause.HANDSET_UNREACHABLE, "")
STOPPED = Verdict(Decision.STOP, Cause.NUMBER_UNKNOWN, "")


@pytest.fixture
def accepted(twilio: TwilioServer, twilio_provider: SmsProvider) -> SmsMessage:
    """A message that the provider took, and that no callback speaks of."""
    twilio.behave(ok().calling(no_callbacks()))
    return deliver_now(queue())


@pytest.fixture
def in_doubt(twilio: TwilioServer, twilio_provider: SmsProvider) -> SmsMessage:
    """A message after its first ambiguous answer."""
    twilio.behave_next(http_error(503))
    return deliver_now(queue())


def report_of(message: SmsMessage, status: str, verdict: Verdict | None = None) -> Report:
    attempt = message.attempts.order_by("number").last()
    assert attempt
    return Report(
        provider_message_id=attempt.provider_message_id,
        progress=Progress(status) if status in Progress.values else None,
        raw_status=status,
        error_code="30003" if verdict else "",
        attempt_id=attempt.pk,
        verdict=verdict,
    )


def receive(message: SmsMessage, *told: Report, asked_for: bool = False) -> SmsMessage:
    provider = message.attempts.order_by("number").last().provider  # type: ignore[union-attr]
    assert provider
    reports.receive(provider, told, asked_for=asked_for)
    message.refresh_from_db()
    return message


def test_the_state_follows_the_reports(accepted: SmsMessage) -> None:
    assert receive(accepted, report_of(accepted, "sent")).state == MessageState.SENT
    assert accepted.sent_at
    message = receive(accepted, report_of(accepted, "delivered"))
    assert (message.state, message.body) == (MessageState.DELIVERED, "")
    assert message.delivered_at
    assert message.finished_at
    assert message.attempts.get().ask_at is None


def test_s65_a_replay_changes_nothing(accepted: SmsMessage) -> None:
    delivered = report_of(accepted, "delivered")
    before = receive(accepted, report_of(accepted, "sent"), delivered).delivered_at
    message = receive(accepted, delivered, report_of(accepted, "sent"), delivered)
    assert (message.state, message.delivered_at) == (MessageState.DELIVERED, before)
    assert DeliveryReport.objects.count() == 2


def test_the_same_report_many_times_at_once_is_kept_once(accepted: SmsMessage) -> None:
    told = report_of(accepted, "delivered")
    provider = accepted.attempts.get().provider
    assert provider
    done = run_together(8, lambda _: reports.receive(provider, [told], asked_for=False))
    assert done == [None] * 8
    assert DeliveryReport.objects.count() == 1


def test_s66_late_reports_move_nothing_back(accepted: SmsMessage) -> None:
    receive(accepted, report_of(accepted, "delivered"))
    late = [report_of(accepted, status) for status in ("sent", "accepted")]
    failed = report_of(accepted, "undelivered", STOPPED)
    assert receive(accepted, *late, failed).state == MessageState.DELIVERED


def test_s66_unknown_ids_are_harmless(
    accepted: SmsMessage, make_twilio_provider: MakeProvider
) -> None:
    other = make_twilio_provider(name="other")
    known = report_of(accepted, "delivered")
    strangers = [
        replace(known, attempt_id=uuid4()),
        replace(known, attempt_id=uuid4(), provider_message_id="SM0"),
        replace(known, attempt_id=None, provider_message_id="SM0"),
        replace(known, provider_message_id="SM0"),
    ]
    receive(accepted, *strangers)
    reports.receive(other, [known, replace(known, attempt_id=None)], asked_for=False)
    accepted.refresh_from_db()
    assert accepted.state == MessageState.ACCEPTED


def test_a_status_we_do_not_know_is_kept_and_moves_nothing(accepted: SmsMessage) -> None:
    assert receive(accepted, report_of(accepted, "teleported")).state == MessageState.ACCEPTED
    assert DeliveryReport.objects.get().raw_status == "teleported"


def test_a_report_before_the_answer_settles_the_call(twilio_provider: SmsProvider) -> None:
    """The callback was faster than our commit, or the answer never comes."""
    message = queue()
    with transaction.atomic():
        held = claiming.claim(message.pk)
        assert held
        call = turns.begin(held)
    assert isinstance(call, calling.Call)
    told = replace(report_of(message, "sent"), provider_message_id="SM1")
    assert receive(message, told).state == MessageState.SENT
    ambiguous = Verdict(Decision.AMBIGUOUS, Cause.PROVIDER_DOWN, "")
    delivering.record(held, call, SendResult(ambiguous), 10_000)
    message.refresh_from_db()
    assert (message.state, message.cause, message.next_attempt_at) == ("sent", "", None)
    assert message.attempts.get().provider_message_id == "SM1"


def test_a_report_in_the_wait_after_an_ambiguous_answer_settles_it(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave_next(http_error(503))
    message = deliver_now(queue())
    told = replace(report_of(message, "sent"), provider_message_id="SM1")
    message = receive(message, told)
    assert (message.state, message.next_attempt_at) == ("sent", None)
    assert outcomes_of(message) == [("Twilio", "done")]


def test_a_report_moves_a_message_of_unknown_outcome_on(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave_next(http_error(503), http_error(503))
    message = deliver_now(deliver_now(queue()))
    assert message.state == MessageState.UNKNOWN
    told = replace(report_of(message, "delivered"), provider_message_id="SM1")
    assert receive(message, told).state == MessageState.DELIVERED


def test_an_undelivered_message_goes_to_one_other_provider(
    twilio: TwilioServer, accepted: SmsMessage, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="Other", name="other", priority=20)
    first = accepted.attempts.get()
    message = receive(accepted, report_of(accepted, "undelivered", PHONE_IS_OFF))
    assert (message.state, message.cause) == ("sending", Cause.HANDSET_UNREACHABLE)
    assert message.body
    message = deliver_now(message)
    assert outcomes_of(message) == [("Twilio", "next_once"), ("Other", "done")]
    message = receive(message, report_of(message, "undelivered", PHONE_IS_OFF))
    assert (message.state, message.body) == ("undelivered", "")
    delivered = Report(first.provider_message_id, Progress.DELIVERED, "delivered")
    assert first.provider
    reports.receive(first.provider, [delivered], asked_for=False)
    message.refresh_from_db()
    assert (message.state, message.cause) == ("delivered", "")


@pytest.mark.parametrize("verdict", [PHONE_IS_OFF, STOPPED])
def test_an_undelivered_message_ends_without_another_provider_or_reason(
    accepted: SmsMessage, verdict: Verdict
) -> None:
    message = receive(accepted, report_of(accepted, "undelivered", verdict))
    assert (message.state, message.cause, message.body) == ("undelivered", verdict.cause, "")


def test_an_undelivered_report_after_the_expiry_sends_nothing(
    accepted: SmsMessage, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(name="other")
    with time_machine.travel(accepted.expires_at + timedelta(seconds=1)):
        message = receive(accepted, report_of(accepted, "undelivered", PHONE_IS_OFF))
    assert (message.state, message.next_attempt_at) == ("undelivered", None)


def asked(broker: "redis.Redis") -> int:
    return int(broker.llen("reports"))  # type: ignore[arg-type]


def test_without_a_report_the_provider_is_asked(
    accepted: SmsMessage, twilio: TwilioServer, broker: "redis.Redis"
) -> None:
    attempt = accepted.attempts.get()
    assert asking.hand_out() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert asking.hand_out() == 1
        assert asking.hand_out() == 0
    assert asked(broker) == 1
    twilio.wait_until_idle()
    asking.ask_by_id(attempt.pk)
    accepted.refresh_from_db()
    assert accepted.state == MessageState.DELIVERED
    assert DeliveryReport.objects.get().asked_for


def test_asking_grows_seldom_and_ends_with_the_code(accepted: SmsMessage) -> None:
    began = timezone.now()
    moments = []
    while ask_at := accepted.attempts.get().ask_at:
        moments.append(round((ask_at - began).total_seconds()))
        with time_machine.travel(ask_at, tick=False):
            assert asking.hand_out() == 1
    assert moments[0] == 30
    assert moments[-1] in {299, 300}
    assert len(moments) <= 8


def test_a_callback_after_an_asked_for_report_is_noted(accepted: SmsMessage) -> None:
    told = report_of(accepted, "delivered")
    receive(accepted, told, asked_for=True)
    receive(accepted, told)
    assert not DeliveryReport.objects.get().asked_for


def test_a_delivered_message_is_not_asked_for(accepted: SmsMessage, twilio: TwilioServer) -> None:
    receive(accepted, report_of(accepted, "delivered"))
    before = len(twilio.requests)
    asking.ask_by_id(accepted.attempts.get().pk)
    assert len(twilio.requests) == before


def test_what_cannot_be_asked_is_left_alone(
    accepted: SmsMessage, twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    attempt = accepted.attempts.get()
    twilio.behave(http_error(503))
    asking.ask(attempt)
    twilio_provider.credentials = {}
    twilio_provider.save()
    asking.ask_by_id(attempt.pk)
    SmsAttempt.objects.update(provider=None)
    asking.ask_by_id(attempt.pk)
    accepted.refresh_from_db()
    assert accepted.state == MessageState.ACCEPTED


def test_a_carriers_refusal_reaches_the_message_by_real_codes(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    twilio.behave(ok().ending(undelivered(30005)).calling(no_callbacks()))
    message = deliver_now(queue())
    twilio.wait_until_idle()
    asking.ask(message.attempts.get())
    message.refresh_from_db()
    assert (message.state, message.cause) == ("undelivered", Cause.NUMBER_UNKNOWN)
    assert message.attempts.get().error_code == "30005"


def test_a_question_that_fails_in_its_backend_is_no_more_than_no_answer(
    twilio: TwilioServer,
    in_doubt: SmsMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> Report:
        raise ValueError("cannot be read")

    monkeypatch.setattr(TwilioBackend, "find", fail)
    message = deliver_now(in_doubt)
    assert outcomes_of(message) == [("Twilio", "ambiguous"), ("Twilio", "done")]


def test_without_id_and_text_there_is_nothing_to_ask_for(
    twilio: TwilioServer, in_doubt: SmsMessage
) -> None:
    before = len(twilio.requests)
    SmsMessage.objects.update(body="")
    asking.ask_by_id(in_doubt.attempts.get().pk)
    assert len(twilio.requests) == before


def test_a_message_deleted_in_its_call_is_no_error(
    twilio: TwilioServer, twilio_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queue()
    send = TwilioBackend.send

    def delete_and_send(*arguments: Any, **options: Any) -> SendResult:
        SmsMessage.objects.all().delete()
        return send(*arguments, **options)

    monkeypatch.setattr(TwilioBackend, "send", delete_and_send)
    delivering.deliver(message.pk)
    assert not SmsAttempt.objects.exists()
