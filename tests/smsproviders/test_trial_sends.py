import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy.changes import change
from smsproviders import trial_sends
from smsproviders.models import SandboxMessage, SmsMessage, SmsProvider
from smsproviders.vocabulary import MessageState
from tests.services.threads import run_together
from tests.smsproviders.messages import deliver_now
from tests.smsproviders.outgoing import PHONE

pytestmark = pytest.mark.django_db

OPERATOR = Actor(ActorKind.OPERATOR, "user:1")
COMMAND = Actor(ActorKind.COMMAND)


def only(number: int) -> None:
    change({"cap_test_sms_hour": str(number)}, actor=COMMAND)


def outcomes() -> list[str]:
    sent = AuditEvent.objects.filter(action="provider.test_sms_sent").order_by("id")
    return list(sent.values_list("outcome", flat=True))


def test_it_sends_through_that_provider_even_while_it_is_off(sandbox_provider: SmsProvider) -> None:
    SmsProvider.objects.update(enabled=False)

    message = trial_sends.start(sandbox_provider, "+44 7700 900123", actor=OPERATOR)
    deliver_now(message)

    assert (message.number, message.purpose) == (PHONE, "test")
    assert SandboxMessage.objects.get().body.startswith("Test message from Back Office")
    seen = trial_sends.progress(message)
    assert (seen.state, seen.arrives, seen.is_over) == (MessageState.ACCEPTED, True, False)
    assert seen.accepted_at
    assert seen.as_json()["accepted_at"] == seen.accepted_at.isoformat()


def test_its_failure_is_told_in_words(sandbox_provider: SmsProvider) -> None:
    sandbox_provider.credentials = {"behaves_as": "wrong_credentials"}
    sandbox_provider.save()

    message = deliver_now(trial_sends.start(sandbox_provider, PHONE, actor=OPERATOR))

    seen = trial_sends.progress(message)
    assert (seen.is_over, seen.arrives) == (True, False)
    assert (seen.error_code, seen.cause) == ("credentials", "sms.credentials_rejected")
    assert "refuse the credentials" in seen.error_words


def test_a_kind_of_provider_that_is_gone_has_no_words(
    sandbox_provider: SmsProvider, settings: Settings
) -> None:
    sandbox_provider.credentials = {"behaves_as": "wrong_credentials"}
    sandbox_provider.save()
    message = deliver_now(trial_sends.start(sandbox_provider, PHONE, actor=OPERATOR))
    settings.DEBUG = False

    assert trial_sends.progress(message).error_words == ""


@pytest.mark.parametrize("number", ["", "07700 900123", "+1", "hello", "+44\x00"])
def test_a_number_without_its_country_is_refused(
    sandbox_provider: SmsProvider, number: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        trial_sends.start(sandbox_provider, number, actor=OPERATOR)

    assert list(refused.value.message_dict) == ["number"]
    assert outcomes() == []


def test_s55_test_sends_are_limited_and_logged(sandbox_provider: SmsProvider) -> None:
    only(2)
    for _ in range(2):
        trial_sends.start(sandbox_provider, PHONE, actor=OPERATOR)

    with pytest.raises(trial_sends.TooManyTests, match="2 test messages"):
        trial_sends.start(sandbox_provider, PHONE, actor=OPERATOR)

    trial_sends.start(sandbox_provider, PHONE, actor=Actor(ActorKind.OPERATOR, "user:2"))
    trial_sends.start(sandbox_provider, PHONE, actor=COMMAND)
    assert outcomes() == ["done", "done", "refused", "done", "done"]
    assert not AuditEvent.objects.filter(facts__icontains="7700900123").exists()


@pytest.mark.django_db(transaction=True)
def test_s55_the_limit_holds_for_sends_at_the_same_time(sandbox_provider: SmsProvider) -> None:
    only(3)

    results = run_together(
        8, lambda _: trial_sends.start(sandbox_provider, PHONE, actor=OPERATOR).pk
    )

    assert SmsMessage.objects.count() == 3
    assert sum(isinstance(result, trial_sends.TooManyTests) for result in results) == 5
