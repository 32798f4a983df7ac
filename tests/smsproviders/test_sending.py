"""From the outbox through a provider, in this process, against a Twilio over real sockets."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from backoffice.common.encryption import DecryptionFailed
from smsproviders import accounts, claiming, settling, sweeping
from smsproviders.backends.twilio.backend import TwilioBackend
from smsproviders.claiming import LEASE
from smsproviders.contract import SendResult
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.sending import calling, delivering, turns
from smsproviders.sending.delivering import deliver
from smsproviders.signals import message_moved
from smsproviders.vocabulary import Cause, Decision, MessageState, Verdict
from tests.services.threads import run_together
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of, queue
from tests.smsproviders.outgoing import PHONE, TEXT
from tests.twilio_server import (
    TwilioServer,
    accept_then_drop,
    empty_answer,
    http_error,
    no_callbacks,
    ok,
    twilio_error,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def moves() -> Iterator[list[tuple[str, str]]]:
    """What is told to the layers above."""
    told: list[tuple[str, str]] = []

    def listen(*, state: str, cause: str, **_: Any) -> None:
        told.append((str(state), cause))

    message_moved.connect(listen)
    yield told
    message_moved.disconnect(listen)


@pytest.fixture
def two_providers(make_twilio_provider: MakeProvider) -> list[SmsProvider]:
    return [
        make_twilio_provider(caption="First", name="first", priority=1),
        make_twilio_provider(caption="Second", name="second", priority=2),
    ]


def test_the_attempt_names_the_sender_that_the_phone_shows(
    make_twilio_provider: MakeProvider,
) -> None:
    provider = make_twilio_provider(senders={"US": "+12025550123"})
    for number, country in ((PHONE, "GB"), ("+12025550143", "US")):
        deliver(queue(number=number, country=country).pk)
    senders = list(SmsAttempt.objects.order_by("id").values_list("sender", flat=True))
    assert senders == [provider.credentials["from_number"], "+12025550123"]


def test_a_message_is_sent_once(
    twilio: TwilioServer, twilio_provider: SmsProvider, moves: list[tuple[str, str]]
) -> None:
    message = deliver_now(queue())
    assert (message.state, message.next_attempt_at, message.lease) == ("accepted", None, None)
    deliver_now(message)
    [sent] = twilio.messages
    attempt = message.attempts.get()
    assert (sent.to, sent.body) == (PHONE, TEXT)
    assert 290 <= sent.validity_period <= 300
    assert attempt.provider_message_id == sent.sid
    assert sent.status_callback is not None
    assert sent.status_callback.startswith(
        f"http://127.0.0.1:8000/sms/reports/twilio/?attempt={attempt.pk}"
    )
    assert moves == [("sending", ""), ("accepted", "")]


def test_the_same_task_many_times_at_once_is_one_sms(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    message = queue()
    assert run_together(8, lambda _: deliver(message.pk)) == [None] * 8
    assert twilio.sends_by_destination() == {PHONE: 1}


def test_a_message_that_is_gone_is_no_error(db: None) -> None:
    deliver(UUID(int=1))


def test_without_a_provider_it_fails_and_says_so(moves: list[tuple[str, str]]) -> None:
    message = deliver_now(queue())
    assert (message.state, message.cause) == ("failed", Cause.NO_PROVIDER)
    assert message.body == ""
    assert message.finished_at
    assert moves == [("failed", "sms.no_provider")]


def test_a_message_older_than_its_code_is_dropped(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    message = queue(lives=60)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.cause) == ("expired", Cause.EXPIRED_BEFORE_SENDING)
    assert twilio.requests == []


def test_a_test_message_goes_by_its_provider_alone(
    twilio: TwilioServer, make_twilio_provider: MakeProvider, twilio_provider: SmsProvider
) -> None:
    tested = make_twilio_provider(caption="Tested", name="tested", enabled=False)
    twilio.behave_next(twilio_error(20003))
    message = deliver_now(queue(only_provider=tested))
    assert outcomes_of(message) == [("Tested", "next")]
    assert (message.state, message.cause) == ("failed", Cause.CREDENTIALS_REJECTED)


@pytest.mark.parametrize(
    ("code", "cause"),
    [(20003, Cause.CREDENTIALS_REJECTED), (21612, Cause.SENDER_REJECTED)],
)
def test_what_concerns_the_provider_goes_to_the_next_at_once(
    twilio: TwilioServer, two_providers: list[SmsProvider], code: int, cause: str
) -> None:
    twilio.behave_next(twilio_error(code))
    message = deliver_now(queue())
    assert (message.state, message.cause) == ("sending", cause)
    assert message.next_attempt_at
    assert message.next_attempt_at <= timezone.now()
    message = deliver_now(message)
    assert outcomes_of(message) == [("First", "next"), ("Second", "done")]
    assert (message.state, message.cause) == ("accepted", "")


def test_s56_what_concerns_the_number_goes_nowhere_else(
    twilio: TwilioServer, two_providers: list[SmsProvider]
) -> None:
    twilio.behave_next(twilio_error(21610))
    message = deliver_now(queue())
    assert outcomes_of(message) == [("First", "stop")]
    assert (message.state, message.cause, message.body) == ("failed", Cause.OPTED_OUT, "")


def test_too_many_requests_are_tried_again_with_backoff_then_by_the_next(
    twilio: TwilioServer, two_providers: list[SmsProvider]
) -> None:
    twilio.behave_next(twilio_error(20429), twilio_error(20429))
    message = deliver_now(queue())
    assert message.next_attempt_at
    assert message.next_attempt_at <= timezone.now() + timedelta(seconds=1)
    deliver_now(message)
    message = deliver_now(message)
    assert outcomes_of(message) == [("First", "retry"), ("First", "retry"), ("Second", "done")]


def test_three_attempts_are_enough(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    twilio.behave(twilio_error(20429))
    message = queue()
    for _ in range(5):
        message = deliver_now(message)
    assert len(twilio.requests) == 3
    assert (message.state, message.cause) == ("failed", Cause.RATE_LIMITED_BY_PROVIDER)


@pytest.mark.parametrize("behaviour", [http_error(503), empty_answer(), accept_then_drop()])
def test_an_ambiguous_answer_that_the_provider_explains_is_sent_no_more(
    twilio: TwilioServer, twilio_provider: SmsProvider, behaviour: Any
) -> None:
    twilio.behave_next(behaviour.accepting().calling(no_callbacks()))
    message = deliver_now(queue())
    assert message.state == MessageState.SENDING
    assert message.next_attempt_at
    wait = (message.next_attempt_at - timezone.now()).total_seconds()
    assert 1.5 < wait <= 2
    message = deliver_now(message)
    assert twilio.messages_by_destination() == {PHONE: 1}
    assert outcomes_of(message) == [("Twilio", "done")]
    assert message.state in {"accepted", "sent", "delivered"}
    assert message.attempts.get().provider_message_id == twilio.messages[0].sid


def test_an_ambiguous_answer_nobody_explains_is_sent_once_more(
    twilio: TwilioServer, two_providers: list[SmsProvider]
) -> None:
    twilio.behave_next(http_error(503))
    message = deliver_now(deliver_now(queue()))
    assert outcomes_of(message) == [("First", "ambiguous"), ("Second", "done")]
    assert (message.state, message.cause) == ("accepted", "")


def test_a_second_ambiguity_is_unknown(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    twilio.behave_next(http_error(503), http_error(503))
    message = deliver_now(deliver_now(queue()))
    assert (message.state, message.cause) == ("unknown", Cause.PROVIDER_DOWN)
    assert (message.next_attempt_at, message.finished_at) == (None, None)
    assert len(twilio.sends_by_destination()) == 1
    assert deliver_now(message).attempts.count() == 2


def test_the_message_of_a_resend_is_not_taken_for_the_lost_one(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    lost = queue()
    twilio.behave_next(http_error(503))
    deliver_now(lost)
    resent = deliver_now(queue(resent_from=lost))
    lost = deliver_now(lost)
    sids = set(SmsAttempt.objects.exclude(provider_message_id="").values_list("message", flat=True))
    assert resent.pk in sids
    assert outcomes_of(lost)[0] == ("Twilio", "ambiguous")


def test_a_lease_that_ran_out_in_a_call_is_an_ambiguous_send(
    twilio: TwilioServer, two_providers: list[SmsProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queue()
    with pytest.raises(KeyboardInterrupt):
        die_in_the_call(message, monkeypatch)
    deliver(message.pk)
    assert twilio.sends_by_destination() == {}  # the lease holds
    with time_machine.travel(timezone.now() + LEASE):
        assert sweeping.requeue() == 1
        deliver(message.pk)
    message.refresh_from_db()
    assert outcomes_of(message) == [("First", "ambiguous"), ("Second", "done")]


def die_in_the_call(message: SmsMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any, **__: Any) -> SendResult:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TwilioBackend, "send", die)
        deliver(message.pk)


def test_a_worker_whose_lease_was_taken_over_frees_nobody_elses(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    message = queue()
    late, call = begin(message)
    with time_machine.travel(timezone.now() + LEASE), transaction.atomic():
        other = claiming.claim(message.pk)
        assert other
        assert isinstance(turns.begin(other), turns.Question)
        assert claiming.renew(late) is None
    with time_machine.travel(timezone.now() + LEASE):
        busy = SendResult(verdict(Decision.RETRY, Cause.RATE_LIMITED_BY_PROVIDER))
        delivering.record(late, call, busy, 12_500)
    message.refresh_from_db()
    assert message.lease == other.lease
    assert outcomes_of(message) == [("Twilio", "retry")]


def begin(message: SmsMessage) -> tuple[SmsMessage, calling.Call]:
    """As a worker that is about to call."""
    with transaction.atomic():
        held = claiming.claim(message.pk)
        assert held
        call = turns.begin(held)
    assert isinstance(call, calling.Call)
    return held, call


def verdict(decision: Decision, cause: Cause) -> Verdict:
    return Verdict(decision, cause, "")


def test_a_call_ends_before_its_lease(twilio_provider: SmsProvider) -> None:
    _, call = begin(queue())
    assert call.deadline.left() <= 10 < LEASE.total_seconds()


def test_a_call_ends_with_the_code(twilio_provider: SmsProvider) -> None:
    _, call = begin(queue(lives=4))
    assert call.deadline.left() <= 4


def test_a_message_that_is_deleted_during_its_call_is_no_error(
    twilio_provider: SmsProvider,
) -> None:
    held, call = begin(queue())
    SmsMessage.objects.all().delete()
    delivering.record(held, call, SendResult(verdict(Decision.DONE, Cause.UNEXPLAINED), "SM1"), 9)
    assert not SmsAttempt.objects.exists()


def test_a_fault_in_a_backend_is_an_ambiguous_send(
    twilio: TwilioServer,
    two_providers: list[SmsProvider],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: Any, sms: Any, **__: Any) -> SendResult:
        raise ValueError(f"cannot send {sms.body} to {sms.to}")

    with monkeypatch.context() as patch:
        patch.setattr(TwilioBackend, "send", fail)
        message = deliver_now(queue())
    assert outcomes_of(message) == [("First", "ambiguous")]
    assert "482913" not in caplog.text
    assert deliver_now(message).state == MessageState.ACCEPTED


def test_a_provider_that_is_not_set_up_is_passed_over_with_a_note(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    make_twilio_provider(caption="Empty", name="empty", priority=1, credentials={"auth_token": ""})
    make_twilio_provider(caption="Good", name="good", priority=2)
    message = deliver_now(queue())
    assert outcomes_of(message) == [("Empty", "next"), ("Good", "done")]
    assert message.attempts.first().cause == Cause.PROVIDER_INCOMPLETE  # type: ignore[union-attr]


def test_a_worker_without_the_key_leaves_the_message_to_others(
    twilio: TwilioServer, twilio_provider: SmsProvider, settings: Any
) -> None:
    message = queue()
    keys = settings.DATA_KEYS
    settings.DATA_KEYS = [bytes(range(100, 132))]
    accounts.forget()
    with pytest.raises(DecryptionFailed):
        deliver(message.pk)
    settings.DATA_KEYS = keys
    message.refresh_from_db()
    assert (message.state, message.lease, message.attempts.count()) == ("queued", None, 0)
    deliver(message.pk)
    assert twilio.sends_by_destination() == {PHONE: 1}


def test_the_sweeper_leaves_in_peace_what_was_published_lately() -> None:
    queue()
    assert sweeping.requeue() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert sweeping.requeue() == 1
        assert sweeping.requeue() == 0


def test_two_sweepers_do_not_take_the_same() -> None:
    for _ in range(20):
        queue()
    SmsMessage.objects.update(published_at=None)
    found = run_together(4, lambda _: sweeping.requeue())
    assert sum(n for n in found if isinstance(n, int)) == 20


def test_the_sweeper_leaves_the_expired_to_be_settled() -> None:
    queue(lives=5)
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert sweeping.requeue() == 0
        assert settling.close_expired() == 1
    message = SmsMessage.objects.get()
    assert (message.state, message.cause) == ("expired", Cause.EXPIRED_BEFORE_SENDING)


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [(ok().calling(no_callbacks()), "accepted"), (http_error(503), "unknown")],
)
def test_at_its_expiry_a_message_is_settled_and_its_text_is_gone(
    twilio: TwilioServer, twilio_provider: SmsProvider, behaviour: Any, state: str
) -> None:
    twilio.behave(behaviour)
    message = deliver_now(queue())
    message = deliver_now(message)
    assert (message.state, message.finished_at) == (state, None)
    assert message.body
    with time_machine.travel(message.expires_at + timedelta(seconds=1)):
        assert settling.close_expired() == 1
        assert settling.close_expired() == 0
    message.refresh_from_db()
    assert (message.state, message.body) == (state, "")
    assert message.finished_at


def test_a_call_that_runs_into_the_expiry_still_tells_what_came_of_it(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    message = queue(lives=8)
    held, call = begin(message)
    with time_machine.travel(message.expires_at):
        assert settling.close_expired() == 1
        message.refresh_from_db()
        assert message.state == MessageState.UNKNOWN
        taken = SendResult(verdict(Decision.DONE, Cause.UNEXPLAINED), "SM1")
        delivering.record(held, call, taken, 8_000)
    message.refresh_from_db()
    assert (message.state, message.body) == ("accepted", "")


def test_refused_connections_are_tried_again_while_there_is_time(
    twilio: TwilioServer, twilio_provider: SmsProvider, settings: Any
) -> None:
    reachable = settings.TWILIO_API_URL
    settings.TWILIO_API_URL = "http://127.0.0.1:1"
    message = deliver_now(queue())
    assert (message.state, message.cause) == ("sending", Cause.PROVIDER_DOWN)
    settings.TWILIO_API_URL = reachable
    accounts.forget()
    assert deliver_now(message).state == MessageState.ACCEPTED
