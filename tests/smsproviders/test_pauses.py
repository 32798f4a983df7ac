"""Routes whose codes nobody types: paused by prefix, told, lifted. Known numbers are exempt."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy import changes
from smsproviders import pause_review, pauses, reports
from smsproviders.backends.twilio.backend import TwilioBackend
from smsproviders.contract import Report
from smsproviders.models import PauseReason, RoutePause, RouteScope, SmsProvider
from smsproviders.vocabulary import MessageState, Progress
from tests.services.threads import run_together
from tests.smsproviders.messages import deliver_now, queue
from tests.smsproviders.sent_codes import a_code, codes
from tests.twilio_server import TwilioServer, no_callbacks, ok, twilio_error

PREFIX, NEIGHBOUR, ELSEWHERE = "+3361234", "+33612349999", "+33698765432"
OPERATOR = log.Actor(ActorKind.OPERATOR, "op-1")


@pytest.fixture
def set_policy(db: None) -> Callable[..., None]:
    def set_to(**texts: str) -> None:
        changes.change(texts, actor=log.SYSTEM)

    return set_to


def blocking(number: str = NEIGHBOUR, country: str = "FR") -> RoutePause | None:
    return pauses.blocking(number, country, at=timezone.now())


@pytest.mark.django_db
def test_s60_30_abandoned_codes_pause_their_prefix_and_not_the_country() -> None:
    codes(30)
    (pause,) = pause_review.review()
    assert (pause.scope, pause.route, pause.country) == (RouteScope.PREFIX, PREFIX, "FR")
    assert (pause.reason, pause.sends, pause.typed) == (PauseReason.LOW_CONVERSION, 30, 0)
    assert pause.ends_at - pause.began_at == timedelta(hours=6)
    assert blocking() == pause
    assert blocking(ELSEWHERE) is None


@pytest.mark.django_db
def test_s60_a_pause_is_logged_and_waits_to_be_told() -> None:
    codes(30, typed=5)
    (pause,) = pause_review.review()
    assert pause.told_at is None
    event = AuditEvent.objects.get(action="route.paused")
    assert event.actor_kind == ActorKind.SYSTEM
    assert event.subject == pauses.subject_of(pause)
    assert {"route": PREFIX, "sent": 30, "typed": 5, "country": "FR"}.items() <= event.facts.items()


@pytest.mark.django_db
@pytest.mark.parametrize(("sends", "typed", "paused"), [(29, 0, 0), (30, 6, 0), (30, 5, 1)])
def test_less_than_20_percent_of_at_least_30_codes(sends: int, typed: int, paused: int) -> None:
    codes(sends, typed=typed)
    assert len(pause_review.review()) == paused


@pytest.mark.django_db
def test_the_thresholds_are_settings(set_policy: Callable[..., None]) -> None:
    codes(4, typed=2)
    set_policy(pause_sends="4", pause_conversion="51", pause_length="600")
    (pause,) = pause_review.review()
    assert pause.ends_at - pause.began_at == timedelta(minutes=10)


@pytest.mark.django_db
def test_at_0_percent_nothing_is_ever_paused(set_policy: Callable[..., None]) -> None:
    codes(40)
    set_policy(pause_conversion="0")
    assert pause_review.review() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"state": MessageState.FAILED},
        {"state": MessageState.EXPIRED},
        {"state": MessageState.UNDELIVERED},
        {"state": MessageState.UNKNOWN},
        {"reference": ""},
        {"reference": "a code that was sent again and again"},
        {"lives": timedelta(hours=1)},
        {"ago": timedelta(hours=25)},
    ],
    ids=[
        "a provider refused it",
        "it never left our queue",
        "the network failed",
        "nobody knows whether it left",
        "it is a notice or a test",
        "it is one code",
        "it may be typed yet",
        "it is too long ago",
    ],
)
def test_what_tells_nothing_about_people_does_not_count(fields: dict[str, Any]) -> None:
    codes(28)
    codes(20, **fields)
    assert pause_review.review() == []


@pytest.mark.django_db
def test_a_code_typed_after_a_resend_was_typed() -> None:
    for index in range(30):
        number, reference = f"{PREFIX}{index:04}", f"code {index}"
        a_code(number, reference=reference)
        a_code(number, reference=reference, typed=True)
    assert pause_review.review() == []


@pytest.mark.django_db
def test_numbers_that_converted_before_are_exempt_from_every_pause() -> None:
    a_code(NEIGHBOUR, typed=True, ago=timedelta(days=30))
    codes(30)
    pause_review.review()
    assert blocking(NEIGHBOUR) is None
    assert blocking("+33612348888") is not None


@pytest.mark.django_db
def test_a_country_is_paused_after_several_of_its_prefixes() -> None:
    for prefix in ("+3361111", "+3362222"):
        codes(30, prefix)
    assert [pause.scope for pause in pause_review.review()] == [RouteScope.PREFIX] * 2
    assert blocking(ELSEWHERE) is None
    codes(30, "+3363333")
    assert [pause.route for pause in pause_review.review()] == ["+3363333", "FR"]
    assert (found := blocking(ELSEWHERE)) is not None
    assert (found.scope, found.sends) == (RouteScope.COUNTRY, 90)
    assert blocking("+4917612345678", "DE") is None


@pytest.mark.django_db
def test_a_country_whose_people_sign_in_is_not_shut_by_three_bad_prefixes() -> None:
    for prefix in ("+3361111", "+3362222", "+3363333"):
        codes(30, prefix)
    for prefix in ("+3364444", "+3365555"):
        codes(15, prefix, typed=12)
    assert [pause.scope for pause in pause_review.review()] == [RouteScope.PREFIX] * 3


@pytest.mark.django_db
def test_reviewing_again_pauses_nothing_twice() -> None:
    codes(30)
    assert len(pause_review.review()) == 1
    assert pause_review.review() == []


def test_two_reviews_at_once_pause_once(transactional_db: None) -> None:
    codes(30)
    found = run_together(4, lambda _: pause_review.review())
    assert sorted(len(one) for one in found if isinstance(one, list)) == [0, 0, 0, 1]
    assert RoutePause.objects.count() == 1


@pytest.mark.django_db
def test_a_pause_ends_by_itself_and_the_route_is_judged_by_what_came_since() -> None:
    codes(30)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        pause_review.review()
        clock.shift(timedelta(hours=6))
        assert blocking() is None
        codes(30, ago=timedelta(minutes=6))
        assert pause_review.review() == []
        clock.shift(timedelta(minutes=20))
        codes(29)
        assert pause_review.review() == []
        a_code(f"{PREFIX}7777")
        assert [pause.sends for pause in pause_review.review()] == [30]


@pytest.mark.django_db
def test_lifting_ends_it_at_once_with_a_reason_and_does_not_pause_again_for_the_same() -> None:
    codes(30)
    (pause,) = pause_review.review()
    assert pauses.lift(pause, actor=OPERATOR, reason="a campaign of ours")
    assert blocking() is None
    event = AuditEvent.objects.get(action="route.pause_lifted")
    assert (event.actor_id, event.subject) == ("op-1", pauses.subject_of(pause))
    assert "campaign" not in str(event.facts)
    assert pause_review.review() == []
    assert not pauses.lift(pause, actor=OPERATOR, reason="again")
    assert AuditEvent.objects.filter(action="route.pause_lifted").count() == 1


@pytest.mark.django_db
def test_a_lifted_route_is_paused_again_when_it_goes_on() -> None:
    codes(30)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        (pause,) = pause_review.review()
        pauses.lift(pause, actor=OPERATOR, reason="let us see")
        clock.shift(timedelta(minutes=20))
        codes(30)
        (again,) = pause_review.review()
    assert again.pk != pause.pk
    assert again.sends == 30


@pytest.mark.django_db
def test_a_hold_begins_once_and_is_extended() -> None:
    message = a_code(f"{PREFIX}0001", state=MessageState.FAILED)
    attempt = message.attempts.create(number=1, provider_caption="Twilio", error_code="30450")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        pauses.hold(message, attempt)
        held = blocking()
        assert held is not None
        assert (held.reason, held.provider_caption, held.error_code) == (
            PauseReason.FRAUD_HOLD,
            "Twilio",
            "30450",
        )
        assert held.ends_at == timezone.now() + timedelta(minutes=30)
        clock.shift(600)
        pauses.hold(message, attempt)
        (held,) = RoutePause.objects.all()
        assert held.ends_at == timezone.now() + timedelta(minutes=30)
        assert blocking(ELSEWHERE) is None
        clock.shift(1800)
        assert blocking() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["in the answer", "in a report"])
def test_twilios_suspicion_of_pumping_holds_the_prefix(
    twilio: TwilioServer, twilio_provider: SmsProvider, when: str
) -> None:
    suspicion = TwilioBackend.error_table["30450"]
    if when == "in the answer":
        twilio.behave_next(twilio_error(30450))
        message = deliver_now(queue())
    else:
        twilio.behave_next(ok().calling(no_callbacks()))
        message = deliver_now(queue())
        attempt = message.attempts.get()
        told = Report(
            provider_message_id=attempt.provider_message_id,
            progress=Progress.FAILED,
            raw_status="failed",
            error_code="30450",
            attempt_id=attempt.pk,
            verdict=suspicion,
        )
        reports.receive(twilio_provider, [told, told], asked_for=False)
    (held,) = RoutePause.objects.all()
    assert (held.reason, held.error_code) == (PauseReason.FRAUD_HOLD, "30450")
    assert blocking(f"{held.route}9999", "GB") == held
    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    assert message.attempts.count() == 1
