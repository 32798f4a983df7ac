"""What follows from what the attempts came to. No database: these are decisions only."""

from datetime import timedelta
from uuid import UUID

import pytest

from smsproviders.sending.next_step import GiveUp, Held, Hold, Send, Step, Wait, next_step
from smsproviders.vocabulary import Cause
from tests.smsproviders.attempts import (
    AMBIGUOUS,
    BUSY,
    DELIVERED,
    DOWN,
    EXPIRES,
    NO_REASON,
    NOW,
    PHONE_OFF,
    PROVIDERS,
    REFUSED,
    RUNNING,
    SENT,
    STOP,
    TAKEN,
    A,
    B,
    C,
    attempts,
)

Tries = list[tuple[str, str]]


def step_after(tries: Tries, route: str, **changes: float) -> Step:
    began = changes.get("began_seconds_ago", 1)
    lives = timedelta(seconds=changes.get("lives_seconds", 300))
    made = attempts(*tries, began_seconds_ago=began)
    ids = [PROVIDERS[name] for name in route]
    return next_step(made, route=ids, now=NOW, expires_at=NOW + lives)


@pytest.mark.parametrize(
    ("tries", "route", "provider", "after", "jitter"),
    [
        pytest.param([], "AB", "A", 0, False, id="the first provider of the route first"),
        pytest.param([("A", BUSY)], "AB", "A", 1, True, id="busy: the same again"),
        pytest.param([("A", BUSY)] * 2, "AB", "B", 0, False, id="still busy: the next"),
        pytest.param([("A", BUSY)] * 2, "A", "A", 3, True, id="still busy and alone: longer"),
        pytest.param([("A", BUSY)], "B", "B", 0, False, id="busy and disabled since: the next"),
        pytest.param([("A", DOWN)], "AB", "B", 0, False, id="down: the next at once"),
        pytest.param([("A", DOWN)], "A", "A", 1, True, id="down and alone: the same, later"),
        pytest.param([("A", DOWN)] * 2, "A", "A", 3, True, id="down twice and alone: longer"),
        pytest.param(
            [("A", DOWN), ("B", DOWN)], "ABC", "A", 3, True, id="both down: no third, the first"
        ),
        pytest.param(
            [("A", DOWN), ("B", REFUSED)], "AB", "A", 3, True, id="back to the one that was down"
        ),
        pytest.param([("A", REFUSED)], "AB", "B", 0, False, id="credentials refused: the next"),
        pytest.param([("A", PHONE_OFF)], "AB", "B", 0, False, id="phone off: one other"),
        pytest.param(
            [("A", DOWN), ("B", PHONE_OFF)],
            "AB",
            "A",
            3,
            True,
            id="phone off: the one that is back",
        ),
        pytest.param([("A", AMBIGUOUS)], "AB", "B", 2, False, id="unknown outcome: the next"),
        pytest.param([("A", AMBIGUOUS)], "A", "A", 2, False, id="unknown and alone: the same"),
        pytest.param(
            [("A", BUSY), ("A", AMBIGUOUS)], "A", "A", 2, False, id="unknown after being busy"
        ),
    ],
)
def test_it_sends_again(
    tries: Tries, route: str, provider: str, after: float, jitter: bool
) -> None:
    step = step_after(tries, route)
    assert isinstance(step, Send)
    assert (step.provider_id, step.after, step.jitter) == (PROVIDERS[provider], after, jitter)


@pytest.mark.parametrize(
    ("tries", "route"),
    [
        pytest.param([], "", id="no provider"),
        pytest.param([("A", STOP)], "AB", id="refused for good"),
        pytest.param([("A", REFUSED)], "A", id="credentials refused and alone"),
        pytest.param([("A", REFUSED), ("B", REFUSED)], "ABC", id="two providers are enough"),
        pytest.param([("A", BUSY)] * 3, "AB", id="three attempts are enough"),
        pytest.param([("A", DOWN), ("B", DOWN), ("A", DOWN)], "AB", id="three over two"),
        pytest.param([("A", PHONE_OFF)], "A", id="phone off and alone"),
        pytest.param([("A", PHONE_OFF), ("B", PHONE_OFF)], "ABC", id="phone off, twice told"),
        pytest.param([("A", AMBIGUOUS), ("B", AMBIGUOUS)], "ABC", id="unknown twice"),
        pytest.param([("A", AMBIGUOUS)], "", id="unknown, and all disabled since"),
        pytest.param([("A", AMBIGUOUS), ("B", STOP)], "AB", id="refused for good after unknown"),
    ],
)
def test_it_gives_up(tries: Tries, route: str) -> None:
    assert step_after(tries, route) == GiveUp()


@pytest.mark.parametrize(
    "tries",
    [
        [("A", RUNNING)],
        [("A", TAKEN)],
        [("A", SENT)],
        [("A", DELIVERED)],
        [("A", AMBIGUOUS), ("B", RUNNING)],
        [("A", TAKEN), ("B", NO_REASON)],
        [("A", PHONE_OFF), ("B", SENT)],
    ],
)
def test_it_waits_while_a_call_runs_or_a_provider_has_it(tries: Tries) -> None:
    assert step_after(tries, "ABC") == Wait()


def test_an_unknown_outcome_is_asked_about_before_anything_is_sent() -> None:
    made = attempts(("A", AMBIGUOUS))
    step = next_step(made, route=[A, B], now=NOW, expires_at=EXPIRES)
    assert isinstance(step, Send)
    assert step.ask_first == made[0].pk


@pytest.mark.parametrize(
    ("changes", "goes_on"),
    [
        ({"began_seconds_ago": 57}, True),
        ({"began_seconds_ago": 59}, False),
        ({"lives_seconds": 3}, True),
        ({"lives_seconds": 1}, False),
    ],
)
def test_it_ends_a_minute_after_the_first_attempt_and_with_the_code(
    changes: dict[str, float], goes_on: bool
) -> None:
    step = step_after([("A", DOWN)], "AB", **changes)
    assert isinstance(step, Send) is goes_on


def test_a_message_that_waited_long_for_the_broker_is_still_sent() -> None:
    assert step_after([], "A", lives_seconds=30) == Send(A)


def test_the_wait_must_fit_in_as_well() -> None:
    assert step_after([("A", AMBIGUOUS)], "AB", lives_seconds=3) == GiveUp()


def test_a_message_that_a_worker_finds_too_late_expired_and_was_refused_by_nobody() -> None:
    assert step_after([], "A", lives_seconds=1) == GiveUp(Cause.EXPIRED_BEFORE_SENDING)


# Providers that are to be left alone

DOWN_FOR = {
    seconds: Held(NOW + timedelta(seconds=seconds), Cause.PROVIDER_DOWN) for seconds in (5, 30, 59)
}
BUSY_FOR_90 = Held(NOW + timedelta(seconds=90))


def hold(provider: UUID, held: Held) -> Hold:
    return Hold(provider, held.until, held.cause)


@pytest.mark.parametrize(
    ("tries", "held", "expected"),
    [
        pytest.param([], {A: DOWN_FOR[30]}, Send(B), id="passed over"),
        pytest.param([], {A: Held(NOW)}, Send(A), id="its time is up"),
        pytest.param(
            [], {A: DOWN_FOR[30], B: DOWN_FOR[5]}, hold(B, DOWN_FOR[5]), id="all: the first free"
        ),
        pytest.param(
            [], {A: DOWN_FOR[59], B: DOWN_FOR[59]}, GiveUp(Cause.PROVIDER_DOWN), id="for too long"
        ),
        pytest.param(
            [], {A: DOWN_FOR[59], B: BUSY_FOR_90}, GiveUp(Cause.PROVIDER_DOWN), id="down, and busy"
        ),
        pytest.param(
            [], {A: BUSY_FOR_90, B: BUSY_FOR_90}, hold(A, BUSY_FOR_90), id="busy: as the code lives"
        ),
        pytest.param([("A", DOWN)], {B: DOWN_FOR[5]}, Send(A, 1, True), id="back to the free one"),
        pytest.param(
            [("A", REFUSED)], {B: DOWN_FOR[5]}, hold(B, DOWN_FOR[5]), id="the other will be free"
        ),
        pytest.param([("A", STOP)], {B: DOWN_FOR[5]}, GiveUp(), id="refused for good"),
        pytest.param([("A", BUSY)], {A: DOWN_FOR[5]}, Send(B), id="busy, and down since"),
        pytest.param([("A", DOWN)], {B: BUSY_FOR_90, A: BUSY_FOR_90}, GiveUp(), id="too long"),
    ],
)
def test_a_provider_that_is_to_be_left_alone_is_passed_over_or_waited_for(
    tries: Tries, held: dict[UUID, Held], expected: Step
) -> None:
    step = next_step(attempts(*tries), route=[A, B], now=NOW, expires_at=EXPIRES, held=held)
    assert step == expected


def test_of_three_it_waits_for_one_that_may_still_be_called() -> None:
    held = {A: DOWN_FOR[30], C: DOWN_FOR[5]}
    tries = attempts(("A", DOWN), ("B", REFUSED))
    step = next_step(tries, route=[A, B, C], now=NOW, expires_at=EXPIRES, held=held)
    assert step == hold(A, DOWN_FOR[30])


def test_the_minute_counts_from_when_all_were_found_to_be_down() -> None:
    since = NOW - timedelta(seconds=40)
    step = next_step(
        [], route=[A], now=NOW, expires_at=EXPIRES, held={A: DOWN_FOR[30]}, held_since=since
    )
    assert step == GiveUp(Cause.PROVIDER_DOWN)


def test_the_wait_after_an_unknown_outcome_is_kept() -> None:
    held = {A: Held(NOW + timedelta(seconds=1), Cause.PROVIDER_DOWN)}
    step = next_step(attempts(("A", AMBIGUOUS)), route=[A], now=NOW, expires_at=EXPIRES, held=held)
    assert step == Hold(A, NOW + timedelta(seconds=2), Cause.PROVIDER_DOWN)
