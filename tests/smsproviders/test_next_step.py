"""What follows from what the attempts came to. No database: these are decisions only."""

from datetime import timedelta

import pytest

from smsproviders.sending.next_step import GiveUp, Send, Step, Wait, next_step
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
