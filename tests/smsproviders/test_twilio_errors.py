"""The table of errors, row by row: what the field's practice says each code means."""

import pytest

from smsproviders.backends.twilio import errors
from smsproviders.vocabulary import Cause, Decision

NEXT, ONCE, STOP, RETRY = Decision.NEXT, Decision.NEXT_ONCE, Decision.STOP, Decision.RETRY
AMBIGUOUS = Decision.AMBIGUOUS

# codes, decision, cause; then who is told (c: client, o: operator) and b: counts for the breaker.
ROWS = [
    ("unreachable 20503", NEXT, "provider_down", "b"),
    ("no-answer unusable-answer server-error 20500", AMBIGUOUS, "provider_down", "b"),
    ("address-refused", NEXT, "provider_incomplete", "o"),
    ("20003 20404", NEXT, "credentials_rejected", "ob"),
    ("20008 21608", NEXT, "test_credentials", "ob"),
    ("20005 10001 90010 30002", NEXT, "account_suspended", "ob"),
    ("20429", RETRY, "rate_limited_by_provider", ""),
    ("21211 21217 21401 21604", STOP, "number_invalid", "c"),
    ("21614", STOP, "landline", "c"),
    ("30006", STOP, "carrier_blocked", "c"),
    ("30005", STOP, "number_unknown", "c"),
    ("30003", ONCE, "handset_unreachable", "c"),
    ("30004", ONCE, "carrier_blocked", "c"),
    ("21610", STOP, "opted_out", "co"),
    ("21408", STOP, "country_closed", "o"),
    ("30450 30453 60410 60605", STOP, "fraud_hold", "o"),
    ("21612 21703 21704", NEXT, "sender_rejected", "o"),
    ("21606 21212 21603 21701 21705", NEXT, "sender_rejected", "ob"),
    ("30018 30024 30042", NEXT, "sender_rejected", "o"),
    ("30029 30030", NEXT, "provider_incomplete", "o"),
    ("30044 21617 21602", STOP, "template_broken", "o"),
    ("21609 21624", STOP, "callback_invalid", "o"),
    ("21611 30001", NEXT, "rate_limited_by_provider", "o"),
    ("63017 14107 30022", NEXT, "rate_limited_by_provider", "o"),
    ("63038 30023 30027", NEXT, "rate_limited_by_provider", "ob"),
    ("30034 30035 30032", NEXT, "sender_rejected", "o"),
    ("30007", ONCE, "carrier_blocked", "o"),
    ("30017 30410", NEXT, "carrier_congested", ""),
    ("30036", STOP, "carrier_delay", ""),
    ("30008 30500", ONCE, "unexplained", "o"),
]
CODES = [
    (code, decision, Cause(f"sms.{cause}"), flags)
    for codes, decision, cause, flags in ROWS
    for code in codes.split()
]


@pytest.mark.parametrize(("code", "decision", "cause", "flags"), CODES)
def test_each_code_decides_what_is_done_and_who_is_told(
    code: str, decision: Decision, cause: Cause, flags: str
) -> None:
    verdict = errors.ERRORS[code]

    assert (verdict.decision, verdict.cause) == (decision, cause)
    assert verdict.tell_client is ("c" in flags)
    assert verdict.tell_operator is ("o" in flags)
    assert verdict.counts_for_breaker is ("b" in flags)


def test_the_table_has_these_rows_and_no_others() -> None:
    assert {code for code, *_ in CODES} == set(errors.ERRORS)


def test_only_suspected_pumping_holds_a_prefix() -> None:
    holding = [code for code, verdict in errors.ERRORS.items() if verdict.hold_prefix]

    assert holding == ["30450"]


def test_an_unknown_refusal_stops_and_says_where_to_read_on() -> None:
    code, verdict = errors.of_refusal(status=400, code="21999")

    assert (code, verdict.decision, verdict.cause) == ("21999", STOP, Cause.UNEXPLAINED)
    assert verdict.tell_operator
    assert "https://www.twilio.com/docs/errors/21999" in str(verdict.words)


def test_an_unknown_code_of_a_broken_server_is_ambiguous() -> None:
    code, verdict = errors.of_refusal(status=503, code="29999")

    assert (code, verdict.decision) == ("29999", AMBIGUOUS)


def test_a_redirect_is_no_refusal_of_twilio() -> None:
    assert errors.of_refusal(status=302, code="")[1].decision is AMBIGUOUS


@pytest.mark.parametrize("code", ["", "39999"])
def test_an_unexplained_report_tries_one_other_provider(code: str) -> None:
    verdict = errors.of_report(code)

    assert (verdict.decision, verdict.cause) == (ONCE, Cause.UNEXPLAINED)
    assert verdict.tell_operator
