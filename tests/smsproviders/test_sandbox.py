from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings

from smsproviders import accounts, asking
from smsproviders.backends import UnknownBackend, available, backend_class
from smsproviders.contract import Deadline, Report, SendResult, SmsBackend
from smsproviders.models import SandboxMessage, SmsProvider
from smsproviders.vocabulary import Cause, CheckResult, Decision, MessageState, Progress
from tests.smsproviders.backend_contract import BackendContract
from tests.smsproviders.messages import deliver_now, queue
from tests.smsproviders.outgoing import PHONE, TEXT, an_sms

pytestmark = pytest.mark.django_db


class TestSandbox(BackendContract):
    @pytest.fixture
    def provider(self, sandbox_provider: SmsProvider) -> SmsProvider:
        return sandbox_provider


def behaving(provider: SmsProvider, behaviour: str) -> SmsBackend:
    provider.credentials = {"behaves_as": behaviour}
    provider.save()
    return accounts.backend_for(provider)


def send(backend: SmsBackend) -> SendResult:
    return backend.send(an_sms(), deadline=Deadline.after(5))


def look_up(backend: SmsBackend, result: SendResult) -> Report:
    report = backend.lookup(result.provider_message_id, deadline=Deadline.after(5))
    assert report is not None
    return report


def test_the_receipt_is_there_at_the_first_question(sandbox_provider: SmsProvider) -> None:
    asked = timezone.now()
    message = deliver_now(queue())
    attempt = message.attempts.get()
    assert attempt.ask_at
    assert (attempt.ask_at - asked).total_seconds() < 2

    with time_machine.travel(attempt.ask_at):
        asking.ask_by_id(attempt.pk)

    message.refresh_from_db()
    assert message.state == MessageState.DELIVERED


def test_a_message_appears_on_the_phone(sandbox_provider: SmsProvider) -> None:
    send(behaving(sandbox_provider, "works"))

    message = SandboxMessage.objects.get()
    assert (message.number, message.body, message.sender) == (PHONE, TEXT, "Sandbox")


@pytest.mark.parametrize(
    ("behaviour", "decision", "cause"),
    [
        ("wrong_credentials", Decision.NEXT, Cause.CREDENTIALS_REJECTED),
        ("no_balance", Decision.NEXT, Cause.BALANCE_LOW),
        ("down", Decision.NEXT, Cause.PROVIDER_DOWN),
        ("silent", Decision.AMBIGUOUS, Cause.PROVIDER_DOWN),
    ],
)
def test_a_broken_one_refuses_as_a_real_provider_does(
    sandbox_provider: SmsProvider, behaviour: str, decision: Decision, cause: Cause
) -> None:
    backend = behaving(sandbox_provider, behaviour)

    result = send(backend)

    assert (result.verdict.decision, result.verdict.cause) == (decision, cause)
    assert not SandboxMessage.objects.exists()
    checks = [ask() for ask in backend.checks()]
    assert cause in {check.cause for check in checks}
    assert all(check.result != CheckResult.OK or not check.cause for check in checks)


@pytest.mark.parametrize(
    ("behaviour", "cause", "code"),
    [
        ("carrier_blocks", Cause.CARRIER_BLOCKED, "blocked"),
        ("phone_off", Cause.HANDSET_UNREACHABLE, "phone-off"),
    ],
)
def test_a_message_is_lost_on_its_way(
    sandbox_provider: SmsProvider, behaviour: str, cause: Cause, code: str
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        backend = behaving(sandbox_provider, behaviour)
        result = send(backend)
        assert look_up(backend, result).progress is Progress.ACCEPTED
        clock.shift(3)
        report = look_up(backend, result)

    assert result.verdict.decision is Decision.DONE
    assert (report.progress, report.error_code) == (Progress.UNDELIVERED, code)
    assert report.verdict is not None
    assert report.verdict.cause is cause
    assert not SandboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("behaviour", "seen"),
    [
        ("works", {0.0: "accepted", 1: "sent", 3: "delivered"}),
        ("slow", {0.0: "accepted", 1: "sent", 40: "sent", 46: "delivered"}),
    ],
)
def test_the_receipt_comes_in_its_time(
    sandbox_provider: SmsProvider, behaviour: str, seen: dict[float, str]
) -> None:
    backend = behaving(sandbox_provider, behaviour)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        began = timezone.now()
        result = send(backend)
        for seconds, progress in seen.items():
            clock.move_to(began + timedelta(seconds=seconds))
            assert look_up(backend, result).raw_status == progress


def test_repairing_it_does_not_rewrite_what_happened(sandbox_provider: SmsProvider) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        lost = send(behaving(sandbox_provider, "carrier_blocks"))
        clock.shift(3)
        report = look_up(behaving(sandbox_provider, "works"), lost)

    assert report.progress is Progress.UNDELIVERED


def test_a_message_is_found_by_its_text(sandbox_provider: SmsProvider) -> None:
    backend = behaving(sandbox_provider, "works")
    since = timezone.now()
    result = send(backend)
    deadline = Deadline.after(5)

    found = backend.find(PHONE, since=since, body=TEXT, deadline=deadline)

    assert found is not None
    assert found.provider_message_id == result.provider_message_id
    assert backend.find(PHONE, since=since, body="other", deadline=deadline) is None


def test_a_message_goes_the_whole_way_through_the_outbox(sandbox_provider: SmsProvider) -> None:
    message = deliver_now(queue())

    assert message.state == MessageState.ACCEPTED
    assert SandboxMessage.objects.count() == 1
    assert message.attempts.get().ask_at  # the states are asked for, since it calls nobody back


def test_it_exists_only_with_debug(settings: Settings) -> None:
    settings.DEBUG = False

    assert "sandbox" not in available()
    with pytest.raises(UnknownBackend, match="twilio"):
        backend_class("sandbox")
