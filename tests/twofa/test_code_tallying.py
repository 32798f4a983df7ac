"""The numbers of codes: what is counted, from where, and that counting again does no harm."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import User
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import Cause, MessageState
from tests.smsproviders.old_rows import id_of
from tests.twofa.people import BINDING, NUMBER, client
from twofa import code_figures, code_tallying
from twofa.code_figures import CodeFigures
from twofa.models import Challenge, CodeAttempt, CodeTally, SendRequest
from twofa.purging import purge
from twofa.references import random_word
from twofa.tasks import tally_codes
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose, SendOutcome

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def ann() -> User:
    return client()


def message(of: Challenge, *, after: float = 0, **changes: Any) -> SmsMessage:
    at = of.created_at + after * SECOND
    fields = {
        "id": id_of(at),
        "number": NUMBER,
        "purpose": of.purpose,
        "reference": str(of.pk),
        "created_at": at,
        "expires_at": of.expires_at,
        "state": MessageState.ACCEPTED,
    }
    return SmsMessage.objects.create(**{**fields, **changes})


def code(
    user: User,
    *,
    ago: timedelta = timedelta(minutes=20),
    taken: float | None = None,
    delivered: float | None = None,
    typed: float | None = None,
) -> Challenge:
    """Asked for so long ago; the rest in seconds since then."""
    at = timezone.now() - ago

    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else at + seconds * SECOND

    row = Challenge.objects.create(
        id=id_of(at),
        public_reference=random_word(8),
        user=user,
        factor=FactorKind.SMS,
        purpose=Purpose.SIGN_IN,
        binding=BINDING,
        created_at=at,
        expires_at=at + timedelta(minutes=5),
        consumed_at=moment(typed),
    )
    message(row, accepted_at=moment(taken), delivered_at=moment(delivered))
    return row


def figures() -> CodeFigures:
    while code_tallying.count_due() == code_tallying.AT_ONCE:
        pass
    return code_figures.figures()


def test_a_code_goes_through_the_funnel_as_far_as_it_came(ann: User) -> None:
    code(ann)
    code(ann, taken=1)
    code(ann, taken=1, delivered=3)
    code(ann, taken=1, delivered=3, typed=20)
    found = figures().hour
    assert (found.asked, found.taken, found.delivered, found.typed) == (4, 3, 2, 1)


def test_a_code_that_is_sent_again_is_one_code(ann: User) -> None:
    challenge = code(ann, taken=1)
    again = challenge.created_at + 61 * SECOND
    message(challenge, after=60, accepted_at=again, delivered_at=again + 2 * SECOND)
    found = figures().hour
    assert (found.asked, found.taken, found.delivered) == (1, 1, 1)


def test_a_code_of_the_authenticator_was_not_asked_for(ann: User) -> None:
    challenge = code(ann)
    Challenge.objects.filter(pk=challenge.pk).update(factor=FactorKind.AUTHENTICATOR)
    assert figures().hour.asked == 0


def test_medians_are_between_one_step_and_the_next(ann: User) -> None:
    for _ in range(9):
        code(ann, taken=1, delivered=5, typed=25)
    code(ann, taken=60, delivered=200, typed=290)
    found = figures().day
    times = (found.until_taken, found.until_delivered, found.until_typed)
    for median, seconds in zip(times, (1, 4, 20), strict=True):
        assert median == pytest.approx(seconds * 1000, rel=0.2)


def test_a_receipt_that_came_after_the_code_was_typed_tells_no_time(ann: User) -> None:
    code(ann, taken=1, delivered=30, typed=20)
    found = figures().hour
    assert (found.delivered, found.typed, found.until_typed) == (1, 1, None)


def test_refused_requests_are_told_by_reason_the_most_first(ann: User) -> None:
    at = timezone.now() - timedelta(minutes=5)
    outcomes = [SendOutcome.CAP_NUMBER, *[SendOutcome.COOLDOWN] * 2, SendOutcome.QUEUED]
    for outcome in outcomes:
        SendRequest.objects.create(id=id_of(at), user=ann, at=at, outcome=outcome)
    expected = [(SendOutcome.COOLDOWN, 2), (SendOutcome.CAP_NUMBER, 1)]
    assert list(figures().hour.refused.items()) == expected


def test_failures_are_messages_with_a_cause_of_any_purpose(ann: User) -> None:
    failed = code(ann)
    SmsMessage.objects.filter(reference=str(failed.pk)).update(cause=Cause.NUMBER_UNKNOWN)
    message(failed, reference="", cause=Cause.PROVIDER_DOWN)
    message(failed, reference="", cause=Cause.PROVIDER_DOWN)
    code(ann)
    assert figures().hour.failed == {"sms.provider_down": 2, "sms.number_unknown": 1}


def test_what_was_typed_is_told_by_factor(ann: User) -> None:
    at = timezone.now() - timedelta(minutes=5)
    for factor, outcome in (
        (FactorKind.SMS, CodeOutcome.ACCEPTED),
        (FactorKind.AUTHENTICATOR, CodeOutcome.INCORRECT),
        (FactorKind.AUTHENTICATOR, CodeOutcome.ACCEPTED),
        (FactorKind.AUTHENTICATOR, CodeOutcome.INCORRECT),
    ):
        fields = {"user": ann, "factor": factor, "outcome": outcome, "purpose": Purpose.SIGN_IN}
        CodeAttempt.objects.create(id=id_of(at), at=at, **fields)
    tries = figures().hour.tries
    assert tries[FactorKind.AUTHENTICATOR] == {CodeOutcome.INCORRECT: 2, CodeOutcome.ACCEPTED: 1}
    assert list(tries) == [FactorKind.AUTHENTICATOR, FactorKind.SMS]


def test_the_hour_the_day_and_the_hours_of_the_clock_are_told_apart(ann: User) -> None:
    for minutes in (20, 120, 23 * 60 + 50):
        code(ann, ago=timedelta(minutes=minutes), typed=9)
    code(ann, ago=timedelta(hours=25))
    found = figures()
    assert (found.hour.asked, found.day.asked) == (1, 3)
    assert len(found.hours) == 24
    assert [one.at.hour for one in found.hours if one.asked] == [10, 11]
    assert sum(one.typed for one in found.hours) == 2


def test_counting_again_changes_nothing_and_what_came_later_gets_in(
    ann: User, clock: time_machine.Traveller
) -> None:
    challenge = code(ann)
    assert figures().hour.typed == 0
    clock.shift(SECOND)
    assert code_tallying.count_due() == 1  # the present ten minutes
    rows = CodeTally.objects.count()
    clock.shift(timedelta(minutes=5))
    Challenge.objects.filter(pk=challenge.pk).update(consumed_at=timezone.now())
    assert figures().hour.typed == 1
    assert CodeTally.objects.count() == rows


def test_nothing_is_known_before_the_first_count() -> None:
    assert code_figures.figures().counted_at is None
    tally_codes()
    found = code_figures.figures()
    assert (found.counted_at, found.day.asked, found.day.until_taken) == (NOON, 0, None)


def test_many_codes_cost_the_same_few_queries(ann: User) -> None:
    costs = []
    for number in (1, 40):
        for _ in range(number):
            code(ann, ago=timedelta(minutes=1), taken=1)
        with CaptureQueriesContext(connection) as queries:
            code_tallying.count_due()
        costs.append(len(queries))
        CodeTally.objects.all().delete()
    assert costs[0] == costs[1] <= 8


def test_figures_are_one_query(ann: User) -> None:
    figures()
    with CaptureQueriesContext(connection) as queries:
        code_figures.figures()
    assert len(queries) == 1


def test_numbers_go_after_half_a_year(clock: time_machine.Traveller) -> None:
    tally_codes()
    kept = CodeTally.objects.count()
    assert kept
    clock.shift(timedelta(days=179))
    assert purge() == 0
    clock.shift(timedelta(days=2))
    assert purge() == kept
