"""The state of a message, derived from its attempts; every order of reports gives the same."""

from itertools import permutations

import pytest

from smsproviders.contract import Report, SendResult
from smsproviders.models import SmsAttempt
from smsproviders.sending import outcomes
from smsproviders.sending.next_step import GiveUp, Send, Wait, next_step
from smsproviders.sending.standing import standing
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress, Verdict
from tests.smsproviders.attempts import (
    AMBIGUOUS,
    BUSY,
    DELIVERED,
    DOWN,
    EXPIRES,
    NO_REASON,
    NOW,
    PHONE_OFF,
    RUNNING,
    SENT,
    STOP,
    TAKEN,
    A,
    attempts,
)


@pytest.mark.parametrize(
    ("tries", "state", "cause"),
    [
        ([("A", TAKEN)], "accepted", ""),
        ([("A", SENT)], "sent", ""),
        ([("A", DELIVERED)], "delivered", ""),
        ([("A", PHONE_OFF), ("B", DELIVERED)], "delivered", ""),
        ([("A", DELIVERED), ("B", PHONE_OFF)], "delivered", ""),
        ([("A", AMBIGUOUS), ("B", TAKEN)], "accepted", ""),
        ([("A", STOP)], "failed", Cause.NUMBER_INVALID),
        ([("A", BUSY)] * 3, "failed", Cause.RATE_LIMITED_BY_PROVIDER),
        ([("A", PHONE_OFF)], "undelivered", Cause.HANDSET_UNREACHABLE),
        ([("A", NO_REASON)], "failed", Cause.UNEXPLAINED),
        ([("A", PHONE_OFF), ("B", DOWN)], "undelivered", Cause.PROVIDER_DOWN),
        ([("A", AMBIGUOUS), ("B", AMBIGUOUS)], "unknown", Cause.PROVIDER_DOWN),
        ([("A", AMBIGUOUS), ("B", STOP)], "unknown", Cause.NUMBER_INVALID),
        ([("A", RUNNING)], "unknown", ""),
        ([], "failed", Cause.NO_PROVIDER),
    ],
)
def test_the_state_when_nothing_more_is_sent(
    tries: list[tuple[str, str]], state: str, cause: str
) -> None:
    stands = standing(attempts(*tries), GiveUp(), alive=True)
    assert (stands.state, stands.cause) == (state, cause)


def test_a_message_nobody_came_for_in_its_life_expired() -> None:
    stands = standing([], GiveUp(), alive=False)
    assert (stands.state, stands.cause) == ("expired", Cause.EXPIRED_BEFORE_SENDING)


def test_while_more_follows_it_is_being_sent() -> None:
    assert standing([], Send(A), alive=True).state == MessageState.QUEUED
    assert standing(attempts(("A", RUNNING)), Wait(), alive=True).state == MessageState.SENDING
    failed_over = standing(attempts(("A", PHONE_OFF)), Send(A), alive=True)
    assert (failed_over.state, failed_over.cause) == ("sending", Cause.HANDSET_UNREACHABLE)


PHONE_IS_OFF = Verdict(Decision.NEXT_ONCE, Cause.HANDSET_UNREACHABLE, "")
ANSWERS = {
    "taken": SendResult(Verdict(Decision.DONE, Cause.UNEXPLAINED, ""), provider_message_id="SM1"),
    "unknown": SendResult(Verdict(Decision.AMBIGUOUS, Cause.PROVIDER_DOWN, "")),
}


def report(status: str) -> Report:
    failing = status in {"undelivered", "failed"}
    return Report(
        provider_message_id="SM1",
        progress=Progress(status),
        raw_status=status,
        verdict=PHONE_IS_OFF if failing else None,
    )


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["accepted", "sent", "delivered"], "delivered"),
        (["sent", "undelivered", "delivered"], "delivered"),
        (["sent", "undelivered"], "undelivered"),
        (["sent", "undelivered", "failed"], "failed"),
        (["accepted", "failed"], "failed"),
        (["accepted", "sent"], "sent"),
    ],
)
def test_s66_every_order_of_answer_and_reports_gives_the_same_state(
    answer: str, statuses: list[str], state: str
) -> None:
    for order in permutations(["answer", *statuses]):
        attempt = SmsAttempt(number=1, provider_id=A, started_at=NOW)
        ranks = []
        for event in order:
            if event == "answer":
                outcomes.take_answer(attempt, ANSWERS[answer], duration_ms=1)
            else:
                assert outcomes.take_report(attempt, report(event))
            ranks.append(outcomes.RANK[attempt.progress])
        step = next_step([attempt], route=[A], now=NOW, expires_at=EXPIRES)
        assert standing([attempt], step, alive=True).state == state, order
        assert ranks == sorted(ranks), order
        assert attempt.provider_message_id == "SM1"


def test_a_report_of_another_message_changes_nothing() -> None:
    attempt = SmsAttempt(number=1, provider_message_id="SM2", decision="done", progress="sent")
    assert not outcomes.take_report(attempt, report("delivered"))
    assert attempt.progress == Progress.SENT


def test_a_status_we_do_not_know_moves_nothing() -> None:
    attempt = SmsAttempt(number=1, decision="done", progress="accepted")
    unknown = Report(provider_message_id="SM1", progress=None, raw_status="teleported")
    assert outcomes.take_report(attempt, unknown)
    assert (attempt.progress, attempt.decision) == ("accepted", "done")


def test_a_failure_without_a_reason_may_try_one_other_provider() -> None:
    attempt = SmsAttempt(number=1, decision="done", progress="accepted")
    failed = Report(provider_message_id="SM1", progress=Progress.FAILED, raw_status="failed")
    outcomes.take_report(attempt, failed)
    assert (attempt.decision, attempt.cause) == (Decision.NEXT_ONCE, Cause.UNEXPLAINED)


def test_the_answer_of_a_worker_given_up_on_settles_its_unknown_outcome() -> None:
    attempt = SmsAttempt(number=1)
    outcomes.mark_lapsed(attempt)
    outcomes.take_answer(attempt, ANSWERS["taken"], duration_ms=14_000)
    assert (attempt.decision, attempt.progress) == (Decision.DONE, Progress.ACCEPTED)
