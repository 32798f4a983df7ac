"""Whether delivery reports reach us: told by evidence that no stranger can make alone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from backoffice.common.identifiers import first_uuid7_at
from smsproviders import asking, report_evidence
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, Progress
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, queue
from tests.twilio_server import TwilioServer, held, ok
from tests.twilio_server.callbacks import signature

pytestmark = pytest.mark.django_db

PUBLIC_URL = "https://secure.example.com"
PATH = "/sms/reports/twilio/"
REFUSED, MISSING, WELL = report_evidence.REFUSED, report_evidence.MISSING, report_evidence.WELL


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def provider(twilio_provider: SmsProvider, settings: Settings) -> SmsProvider:
    settings.PUBLIC_URL = PUBLIC_URL
    return twilio_provider


@pytest.fixture
def post(client: Client, twilio: TwilioServer, provider: SmsProvider) -> Callable[..., int]:
    """A report of a message that is not ours, signed by that token; the status of the answer."""

    def _post(token: str = twilio.account.auth_token, path: str = PATH) -> int:
        form = {"MessageSid": "SM1", "MessageStatus": "sent", "AccountSid": twilio.account.sid}
        return client.post(
            path,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature(PUBLIC_URL + path, form, token)},
        ).status_code

    return _post


def taken(provider: SmsProvider, *, seconds_ago: float) -> SmsAttempt:
    """A message that this provider took then, and that waits for its report."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    message = SmsMessage.objects.create(
        number="+447700900123", purpose="sign_in", expires_at=at + timedelta(minutes=5)
    )
    return SmsAttempt.objects.create(
        id=first_uuid7_at(at),
        message=message,
        provider=provider,
        provider_caption=provider.caption,
        number=1,
        started_at=at,
        decision=Decision.DONE,
        progress=Progress.ACCEPTED,
    )


def state(provider: SmsProvider) -> str | None:
    provider.refresh_from_db()
    return report_evidence.state_of(provider)


def test_a_proved_report_says_that_all_is_well(
    provider: SmsProvider, post: Callable[..., int]
) -> None:
    assert state(provider) is None
    assert post() == 204
    assert state(provider) == WELL


def test_refused_reports_and_a_message_without_one_say_that_states_are_blind(
    provider: SmsProvider, post: Callable[..., int], clock: time_machine.Traveller
) -> None:
    taken(provider, seconds_ago=90)
    assert post("wrong") == 403
    assert state(provider) is None
    clock.shift(11)
    assert post("wrong") == 403
    assert state(provider) == REFUSED
    assert post() == 204
    assert state(provider) == WELL


def test_forged_reports_prove_nothing_without_a_message(
    provider: SmsProvider, post: Callable[..., int], clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        post("wrong")
        clock.shift(11)
    assert state(provider) is None


def test_forged_reports_prove_nothing_where_true_ones_come(
    provider: SmsProvider, post: Callable[..., int], clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        taken(provider, seconds_ago=90)
        post()
        post("wrong")
        clock.shift(100)
        post("wrong")
        clock.shift(20)
        # The message of before has its report: it was proved to come.
        assert state(provider) in {None, WELL}


def test_a_flood_of_forged_reports_writes_once_in_ten_seconds(
    provider: SmsProvider, post: Callable[..., int], clock: time_machine.Traveller
) -> None:
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            post("wrong")
    assert sum("UPDATE" in query["sql"] for query in captured) == 1
    provider.refresh_from_db()
    assert provider.reports_refused == 1


def test_proved_reports_write_once_in_ten_seconds_too(
    provider: SmsProvider, post: Callable[..., int], clock: time_machine.Traveller
) -> None:
    with CaptureQueriesContext(connection) as captured:
        for _ in range(5):
            post()
    assert sum("UPDATE" in query["sql"] for query in captured) == 1


def test_a_report_to_no_provider_is_noted_nowhere(
    provider: SmsProvider, post: Callable[..., int]
) -> None:
    assert post("wrong", path="/sms/reports/nobody/") == 403
    provider.refresh_from_db()
    assert provider.report_refused_at is None


def test_who_reports_nothing_by_itself_cannot_be_refused(
    make_twilio_provider: MakeProvider, post: Callable[..., int], provider: SmsProvider
) -> None:
    key = {"auth_token": "", "api_key_sid": "SK" + "0" * 32, "api_key_secret": "secret"}
    make_twilio_provider(name="by-key", credentials=key)
    assert post("wrong", path="/sms/reports/by-key/") == 403
    assert SmsProvider.objects.get(name="by-key").report_refused_at is None


def test_ends_that_had_to_be_asked_for_say_that_reports_do_not_come(
    provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        assert state(provider) is None
        report_evidence.note_missed(taken(provider, seconds_ago=40))
        clock.shift(11)
    assert state(provider) == MISSING


def test_one_that_came_late_is_not_missing(
    provider: SmsProvider, clock: time_machine.Traveller
) -> None:
    early = taken(provider, seconds_ago=5)
    reported = taken(provider, seconds_ago=40)
    reported.reports.create(raw_status="sent", progress=Progress.SENT)
    for attempt in (early, reported):
        report_evidence.note_missed(attempt)
    provider.refresh_from_db()
    assert provider.reports_missed == 0


def test_one_end_that_had_to_be_asked_for_bears_out_one_refused_report(
    provider: SmsProvider, post: Callable[..., int], clock: time_machine.Traveller
) -> None:
    attempt = taken(provider, seconds_ago=90)
    post("wrong")
    report_evidence.note_missed(attempt)
    assert state(provider) == REFUSED


def test_asking_notes_that_the_provider_did_not_report_by_itself(
    twilio: TwilioServer, provider: SmsProvider
) -> None:
    twilio.behave(ok().calling(held()))
    attempt = deliver_now(queue()).attempts.get()
    twilio.wait_for_held(3)
    SmsAttempt.objects.update(started_at=timezone.now() - timedelta(seconds=40))
    asking.ask_by_id(attempt.pk)
    attempt.refresh_from_db()
    assert attempt.progress == Progress.DELIVERED
    provider.refresh_from_db()
    assert provider.reports_missed == 1
    assert state(provider) is None
