"""What the layers above ask of sending."""

import pytest
import redis
from django.db import connection, transaction

from smsproviders import outbox
from smsproviders.contract import Report
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.reports import receive
from smsproviders.vocabulary import MessageState, Progress
from tests.smsproviders.messages import deliver_now, queue
from tests.twilio_server import TwilioServer

pytestmark = pytest.mark.django_db(transaction=True)


def tasks_in(broker: "redis.Redis", name: str = "codes") -> int:
    return int(broker.llen(name))  # type: ignore[arg-type]


def test_the_id_is_published_after_the_commit(broker: "redis.Redis") -> None:
    with transaction.atomic():
        message = queue()
        assert tasks_in(broker) == 0
    assert tasks_in(broker) == 1
    [task] = broker.lrange("codes", 0, -1)  # type: ignore[union-attr]
    assert str(message.pk).encode() in task


def test_nothing_is_published_when_the_caller_rolls_back(broker: "redis.Redis") -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue()
        _ = 1 / 0
    assert tasks_in(broker) == 0
    assert not SmsMessage.objects.exists()


def test_the_text_is_encrypted_in_its_row() -> None:
    message = queue(body="482913 is your code")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM smsproviders_smsmessage")
        assert "482913" not in cursor.fetchone()[0]
    message.refresh_from_db()
    assert message.body == "482913 is your code"


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+447700900123", "GB"),
        ("+15005550006", "US"),
        ("+33612345678", "FR"),
        ("+88213312345", ""),
        ("+99", ""),
    ],
)
def test_the_country_is_that_of_the_number(number: str, country: str) -> None:
    assert queue(number=number).country == country


def test_the_latest_message_of_a_reference_is_found() -> None:
    queue(reference="challenge-1")
    second = queue(reference="challenge-1")
    queue(reference="challenge-2")
    assert outbox.latest("challenge-1") == second
    assert outbox.latest("challenge-3") is None


def test_a_withdrawn_message_is_not_sent(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    message = queue()
    outbox.withdraw("challenge-1")
    message = deliver_now(message)
    assert twilio.requests == []
    assert (message.state, message.cause, message.body) == ("expired", "", "")
    assert message.finished_at


def test_a_withdrawn_message_that_was_taken_keeps_its_state_and_loses_its_text(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    message = deliver_now(queue())
    outbox.withdraw("challenge-1")
    message.refresh_from_db()
    assert (message.state, message.body) == ("accepted", "")
    sid = message.attempts.get().provider_message_id
    delivered = Report(sid, Progress.DELIVERED, "delivered")
    receive(twilio_provider, [delivered], asked_for=False)
    message.refresh_from_db()
    assert message.state == MessageState.DELIVERED


def test_a_typed_code_is_noted_at_the_message_that_carried_it(
    twilio: TwilioServer, twilio_provider: SmsProvider, broker: "redis.Redis"
) -> None:
    first, second, unsent = queue(), queue(), queue()
    deliver_now(first)
    deliver_now(second)
    sid = first.attempts.get().provider_message_id
    receive(twilio_provider, [Report(sid, Progress.DELIVERED, "delivered")], asked_for=False)
    outbox.mark_converted("challenge-1")
    converted = SmsMessage.objects.exclude(converted_at=None)
    assert list(converted) == [first]
    assert tasks_in(broker, "reports") == 1
    assert unsent.converted_at is None


def test_the_provider_is_told_that_the_code_was_typed(
    twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    from smsproviders import conversions

    message = deliver_now(queue())
    conversions.tell(message.pk)
    [taken] = twilio.messages
    assert taken.feedback == "confirmed"


def test_a_conversion_of_nothing_is_harmless(twilio_provider: SmsProvider) -> None:
    queue()
    outbox.mark_converted("challenge-1")
    outbox.mark_converted("challenge-2")
    assert not SmsMessage.objects.exclude(converted_at=None).exists()
