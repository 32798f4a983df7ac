from base64 import b32decode, b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from twofa import totp

SEED = b32encode(b"12345678901234567890").decode()
AT = datetime(2026, 11, 24, 10, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [  # RFC 6238, appendix B: the last six of its eight digits
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_it_agrees_with_the_rfc(seconds: int, code: str) -> None:
    step = totp.step_at(datetime.fromtimestamp(seconds, tz=UTC))
    assert totp.code_at(SEED, step) == code


def test_s38_a_seed_has_160_bits() -> None:
    assert len(b32decode(totp.new_seed())) == 20
    assert totp.new_seed() != totp.new_seed()


@pytest.mark.parametrize(("offset", "fits"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_s13_the_window_is_one_step_around(offset: int, fits: int) -> None:
    code = totp.code_at(SEED, totp.step_at(AT) + offset)
    assert len(totp.matches(SEED, code, at=AT)) == fits


@pytest.mark.parametrize(
    "offset",
    [2, -2, 20, -20, 30, 31, -28, 120, 120 - 2, -14 * 120, 14 * 120 + 2, 5 * 120 + 30],
)
def test_a_clock_that_is_off_is_explained(offset: int) -> None:
    code = totp.code_at(SEED, totp.step_at(AT) + offset)
    match = totp.explain(SEED, code, at=AT)
    assert match is not None
    assert (match.offset, match.step) == (offset, totp.step_at(AT) + offset)


@pytest.mark.parametrize("offset", [0, 1, 21, 25, 33, 14 * 120 + 3, -15 * 120])
def test_other_offsets_are_not_explained(offset: int) -> None:
    code = totp.code_at(SEED, totp.step_at(AT) + offset)
    found = totp.explain(SEED, code, at=AT)
    assert found is None or found.offset != offset


def test_a_time_before_the_first_step_is_no_error() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert totp.matches(SEED, totp.code_at(SEED, 0), at=epoch)
    totp.explain(SEED, "000000", at=epoch + timedelta(seconds=30))


def test_the_address_for_the_app_names_issuer_and_account() -> None:
    address = urlsplit(totp.uri(SEED, account="ann+x@example.com", issuer="Ann's & Co: shop"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/Ann's & Co: shop:ann+x@example.com"
    facts = parse_qs(address.query)
    assert facts["secret"] == [SEED]
    assert facts["issuer"] == ["Ann's & Co: shop"]
    assert (facts["digits"], facts["period"], facts["algorithm"]) == (["6"], ["30"], ["SHA1"])
