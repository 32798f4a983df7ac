"""Segments are money: counted by 3GPP TS 23.038 and 23.040, as providers bill them."""

import random

import pytest

from smsproviders.text_encoding import DEFAULT_ALPHABET, EXTENSION, Encoding, is_gsm, measure
from tests.twilio_server import segments as billed_by_the_test_server


def test_the_alphabet_stands_in_the_order_of_the_standard() -> None:
    assert len(DEFAULT_ALPHABET) == len(set(DEFAULT_ALPHABET)) == 128
    places = {0x00: "@", 0x09: "Ç", 0x10: "Δ", 0x1B: "\x1b", 0x24: "¤", 0x40: "¡", 0x60: "¿"}
    assert {place: DEFAULT_ALPHABET[place] for place in places} == places
    assert DEFAULT_ALPHABET[0x5F] == "§"
    assert DEFAULT_ALPHABET[0x7F] == "à"
    # Where both agree, codes and ASCII are one.
    assert all(DEFAULT_ALPHABET[ord(one)] == one for one in "09AZaz !?%#&")
    assert sorted(EXTENSION) == sorted("\f^{}\\[~]|€")


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "room"),
    [
        ("", Encoding.GSM7, 0, 1, 160),
        ("a" * 160, Encoding.GSM7, 160, 1, 0),
        ("a" * 161, Encoding.GSM7, 161, 2, 145),
        ("a" * 306, Encoding.GSM7, 306, 2, 0),
        ("a" * 307, Encoding.GSM7, 307, 3, 152),
        ("€" * 80, Encoding.GSM7, 160, 1, 0),
        # A pair is not parted: 76 of them fill 152 of 153.
        ("€" * 81, Encoding.GSM7, 162, 2, 143),
        ("я" * 70, Encoding.UCS2, 70, 1, 0),
        ("я" * 71, Encoding.UCS2, 71, 2, 63),
        ("я" * 134, Encoding.UCS2, 134, 2, 0),
        ("🔑" * 35, Encoding.UCS2, 70, 1, 0),
        # Nor is a character of two units: 33 of them fill 66 of 67.
        ("🔑" * 36, Encoding.UCS2, 72, 2, 61),
        ("a" * 69 + "ê", Encoding.UCS2, 70, 1, 0),
    ],
)
def test_it_counts_units_and_segments(
    text: str, encoding: Encoding, units: int, segments: int, room: int
) -> None:
    size = measure(text)
    assert (size.encoding, size.units, size.segments, size.room) == (
        encoding,
        units,
        segments,
        room,
    )


@pytest.mark.parametrize("text", ["sécurité à ñ ü ß Ç", "line\nline", "^{}[]~|\\€", "@host #1"])
def test_what_gsm_holds_stays_cheap(text: str) -> None:
    assert is_gsm(text)
    assert measure(text).beyond == ()


@pytest.mark.parametrize("character", ["ê", "ç", "ó", "`", "’", "–", "\t", "\x1b", "\xa0", "я"])  # noqa: RUF001
def test_what_forces_ucs2_is_named(character: str) -> None:
    size = measure(f"a {character} b {character}")
    assert size.encoding is Encoding.UCS2
    assert size.beyond == (character,)


def test_it_agrees_with_what_the_test_server_bills() -> None:
    letters = random.Random(3)
    for _ in range(300):
        alphabet = letters.choice(["abc é\n", "abcя", "aя"])
        text = "".join(letters.choices(alphabet, k=letters.randrange(1, 400)))
        assert measure(text).segments == billed_by_the_test_server.count(text), text
