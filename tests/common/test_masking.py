"""What may be seen of a number, an e-mail, a log line."""

import logging

import pytest

from backoffice.common.identifiers import first_uuid7_at, uuid7
from backoffice.common.logging import RedactNumbers
from backoffice.common.masking import mask_email, mask_phone, phone_ending, redact_numbers


def test_a_masked_number_keeps_the_country_hint_and_two_digits() -> None:
    assert mask_phone("+33 6 12 34 56 78") == "+33••78"
    assert mask_phone("+971 50 123 4567") == "+971••67"
    assert mask_phone("+1 202 555 0143") == "+1••43"
    assert mask_phone("+999999999") == "+99••99"
    assert mask_phone("123") == "••"
    assert phone_ending("+33612345678") == "••78"


def test_a_masked_address_keeps_one_letter_and_the_host() -> None:
    assert mask_email("ann.lee@example.com") == "a••@example.com"
    assert mask_email("nonsense") == "••"


@pytest.mark.parametrize(
    "text",
    [
        "The 'To' number +33612345678 is not valid",
        "To=%2B33612345678&Body=x",
        "call 06 12 34 56 78 now",
        "(+1) 202-555-0143",
    ],
)
def test_s73_numbers_are_redacted_from_text(text: str) -> None:
    assert not any(part in redact_numbers(text) for part in ("3456", "5678", "0143"))


def test_ids_survive_redaction() -> None:
    text = "message 01930a1b-2345-7890-8123-456789012345 sent in 250 ms"
    assert redact_numbers(text) == text


def test_s73_a_log_record_loses_numbers_in_message_arguments_extras_and_exceptions() -> None:
    try:
        raise ValueError("no route to +33612345678")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", 20, "f", 1, "to %s", ("+33612345678",), info)
    record.number = "+33612345678"
    RedactNumbers().filter(record)
    assert "612345678" not in logging.Formatter("%(message)s %(number)s").format(record)


def test_uuid7_is_ordered_by_time() -> None:
    from django.utils import timezone

    before = first_uuid7_at(timezone.now())
    ids = [uuid7() for _ in range(200)]
    assert before <= ids[0]
    assert ids == sorted(ids)
    assert {value.version for value in ids} == {7}
    assert before.version == 7
