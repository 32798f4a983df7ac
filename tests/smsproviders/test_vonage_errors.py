"""The tables of errors, row by row: what the field's practice says each code means."""

import pytest

from smsproviders.backends.vonage import errors
from smsproviders.backends.vonage.backend import VonageBackend
from smsproviders.vocabulary import Cause, Decision
from tests.smsproviders.vonage_rows import ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_each_code_decides_what_is_done_and_who_is_told(row: Row) -> None:
    verdict = errors.ERRORS[row.code]

    assert (verdict.decision, verdict.cause) == (row.decision, row.cause)
    assert verdict.tell_client is ("c" in row.flags)
    assert verdict.tell_operator is ("o" in row.flags)
    assert verdict.counts_for_breaker is ("b" in row.flags)


def test_the_tables_have_these_rows_and_no_others() -> None:
    assert [row.code for row in ROWS] == list(dict.fromkeys(row.code for row in ROWS))
    assert {row.code for row in ROWS} == set(errors.ERRORS)


def test_no_code_of_vonages_says_that_a_prefix_is_pumped() -> None:
    assert not [code for code, verdict in errors.ERRORS.items() if verdict.hold_prefix]


def test_an_unknown_status_stops_and_says_where_to_read_on() -> None:
    verdict = errors.of_status("77")

    assert (verdict.decision, verdict.cause) == (Decision.STOP, Cause.UNEXPLAINED)
    assert verdict.tell_operator
    assert str(VonageBackend.words_for("77")) == (
        "Error 77: see https://developer.vonage.com/en/api-errors/sms"
    )


def test_an_unknown_receipt_tries_one_other_provider() -> None:
    verdict = errors.of_receipt("dlr-77")

    assert (verdict.decision, verdict.cause) == (Decision.NEXT_ONCE, Cause.UNEXPLAINED)
    assert verdict.tell_operator
    assert "Error 77 in a receipt" in str(VonageBackend.words_for("dlr-77"))


def test_without_any_code_the_operator_reads_that_there_was_none() -> None:
    assert "no reason" in str(VonageBackend.words_for(""))


def test_a_status_and_a_receipts_code_of_the_same_number_differ() -> None:
    assert errors.of_code("9").cause is Cause.BALANCE_LOW
    assert errors.of_code("dlr-9").cause is Cause.OPTED_OUT


@pytest.mark.parametrize(
    ("status", "code", "key"),
    [
        ("failed", "6", "dlr-6"),
        ("failed", "0", "dlr-failed"),
        ("failed", "", "dlr-failed"),
        ("failed", "1", "dlr-1"),
        ("failed", "99", "dlr-99"),
        ("rejected", "99", "dlr-rejected"),
        ("rejected", "14", "dlr-14"),
        ("expired", "1", "dlr-expired"),
        ("expired", "2", "dlr-2"),
        ("delivered", "0", ""),
        ("accepted", "", ""),
        ("buffered", "8", "dlr-8"),
        ("unknown", "1", "dlr-1"),
        ("failed", "9" * 50, "dlr-" + "9" * 16),
    ],
)
def test_the_status_of_a_receipt_speaks_where_its_code_says_nothing(
    status: str, code: str, key: str
) -> None:
    assert errors.receipt_code(status, code) == key


@pytest.mark.parametrize(
    ("status", "problem", "code", "decision"),
    [
        (401, "", "4", Decision.NEXT),
        (402, "", "9", Decision.NEXT),
        (429, "", "1", Decision.RETRY),
        (403, "account-suspended", "8", Decision.NEXT),
        (403, "unprovisioned", "11", Decision.NEXT),
        (403, "", "http-403", Decision.STOP),
        (404, "not-found", "http-404", Decision.STOP),
        (302, "", "server-error", Decision.AMBIGUOUS),
        (500, "unauthorized", "server-error", Decision.AMBIGUOUS),
        (503, "", "server-error", Decision.AMBIGUOUS),
    ],
)
def test_what_a_gateway_answers_by_http(
    status: int, problem: str, code: str, decision: Decision
) -> None:
    found, verdict = errors.of_http(status, problem=problem)

    assert (found, verdict.decision) == (code, decision)
