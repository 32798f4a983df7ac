from collections import Counter
from uuid import uuid4

import pytest

from twofa import codes
from twofa.references import ALPHABET, random_word
from twofa.vocabulary import Malformed


@pytest.mark.parametrize(
    "typed",
    [
        "012345",
        " 012 345 ",
        "012-345",
        "0 1 2-3-4 5",
        "012\u00a0345\n",  # a no-break space, as pages paste it
        "012\u2013345",  # an en dash
        "012\u2212345",  # a minus sign
        "\u200f012345\u200e",  # marks of direction around it
        "٠١٢٣٤٥",
        "۰۱۲۳۴۵",
    ],
)
def test_s12_spaces_dashes_and_arabic_digits_are_read(typed: str) -> None:
    assert codes.normalise(typed) == "012345"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Malformed.EMPTY),
        ("  -- ", Malformed.EMPTY),
        ("12345", Malformed.TOO_FEW),
        ("1234567", Malformed.TOO_MANY),
        ("7" * 1_000_000, Malformed.TOO_MANY),
        ("+123456", Malformed.NOT_DIGITS),
        ("+12345", Malformed.NOT_DIGITS),
        ("123_456", Malformed.NOT_DIGITS),
        ("१२३४५६", Malformed.NOT_DIGITS),  # Devanagari
        ("１２３４５６", Malformed.NOT_DIGITS),  # noqa: RUF001 - full-width, what the test is about
        ("²²²²²²", Malformed.NOT_DIGITS),
        ("12345\x00", Malformed.NOT_DIGITS),
        ("abcdef", Malformed.NOT_DIGITS),
        ("1e5", Malformed.NOT_DIGITS),
    ],
)
def test_s12_anything_else_is_malformed_for_a_reason(typed: str, why: Malformed) -> None:
    assert codes.normalise(typed) is why


def test_s18_codes_are_uniform_and_keep_leading_zeros() -> None:
    made = [codes.new_code() for _ in range(20_000)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in made)
    first_digits = Counter(code[0] for code in made)
    assert set(first_digits) == set("0123456789")
    # 2,000 expected each, standard deviation 42: six of them apart.
    assert all(1_740 < count < 2_260 for count in first_digits.values())


def test_a_digest_belongs_to_one_challenge() -> None:
    one, other = uuid4(), uuid4()
    assert codes.digest("123456", challenge_id=one) == codes.digest("123456", challenge_id=one)
    assert codes.digest("123456", challenge_id=one) != codes.digest("123456", challenge_id=other)


def test_words_to_read_out_have_no_look_alikes() -> None:
    word = random_word(8)
    assert len(word) == 9
    assert word[4] == "-"
    assert not set("0O1I") & set(ALPHABET)
